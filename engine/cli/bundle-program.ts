import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { rolldown } from 'rolldown';
import type { Plugin } from 'rolldown';
import { PACKAGE_ROOT } from './package-info.ts';

// The last step of the build: makes dist/bundle/ of what the compiler wrote to dist/, and the code
// cache beside it. Why, and what each part brings: docs/decisions/start-up.md.

const DIST = join(PACKAGE_ROOT, 'dist');
const BUNDLE = join(DIST, 'bundle');

/** Libraries that every command needs. All others stay in node_modules and are loaded by what uses them. */
const BUNDLED = new Set([
  ...['yaml', '@marcbachmann/cel-js', 'commander'],
  // ES modules with a default export, which required from CommonJS would be something else.
  ...['string-width', 'strip-ansi', 'ansi-regex', 'get-east-asian-width', 'ical.js'],
]);

/** A module looks for files from where the compiler put it. Bundled, it must go on believing that it is there. */
const keepModuleUrls: Plugin = {
  name: 'keep-module-urls',
  transform(code, id) {
    if (!id.startsWith(DIST) || !code.includes('import.meta.url')) return null;
    const place = JSON.stringify(relative(BUNDLE, id));
    return code.replaceAll('import.meta.url', `new URL(${place}, import.meta.url).href`);
  },
};

/** commander loads child_process, and with it the network, for subcommands that are programs of their own: here is none. */
const withoutChildProcess: Plugin = {
  name: 'without-child-process',
  transform(code, id) {
    if (!id.endsWith('commander/lib/command.js')) return null;
    const request = "const childProcess = require('node:child_process');";
    if (!code.includes(request)) this.error('commander loads child_process in another way now');
    return code.replace(request, '').replaceAll('childProcess.', "require('node:child_process').");
  },
};

/**
 * ASCII alone is read without being decoded. The digest in the first line tells of which text a
 * code cache was made: V8 itself compares no more than the length. Done to what is written and no
 * sooner: rolldown prints each text anew after `renderChunk`, and takes the escapes out again.
 */
const asciiWithDigest: Plugin = {
  name: 'ascii-with-digest',
  generateBundle(_options, bundle) {
    const escaped = (unit: string): string => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`;
    for (const file of Object.values(bundle)) {
      if (file.type !== 'chunk') continue;
      const ascii = file.code.replaceAll(/[\u0080-\uffff]/g, escaped);
      file.code = `// ${createHash('sha256').update(ascii).digest('hex')}\n${ascii}`;
    }
  },
};

async function bundleProgram(): Promise<void> {
  const program = join(DIST, 'cli', 'program.js');
  const build = await rolldown({
    input: { program },
    platform: 'node',
    external: (id) => /^[^./#]/.test(id) && !BUNDLED.has(id),
    plugins: [keepModuleUrls, withoutChildProcess, asciiWithDigest],
    checks: { ineffectiveDynamicImport: false },
  });
  const { output } = await build.generate({
    format: 'cjs',
    entryFileNames: '[name].cjs',
    chunkFileNames: '[name].cjs',
    // One file for all that is needed before a command is chosen; what is imported later stays apart.
    codeSplitting: { groups: [{ name: 'start', test: (id) => id === program }] },
  });
  await build.close();
  mkdirSync(BUNDLE, { recursive: true });
  for (const file of output) if (file.type === 'chunk') place(join(BUNDLE, file.fileName), file.code);
  const made = new Set(output.map(({ fileName }) => fileName));
  for (const name of readdirSync(BUNDLE)) {
    if (name.endsWith('.cjs') && !made.has(name)) rmSync(join(BUNDLE, name));
  }
}

/**
 * Puts a file in its place in one move, and leaves alone one that is right: a drill may stand at a gate for hours,
 * and loads what it needs then. `npx` builds a checkout before each command.
 */
function place(path: string, text: string): void {
  if (existsSync(path) && readFileSync(path, 'latin1') === text) return;
  const draft = `${path}.${String(process.pid)}`;
  writeFileSync(draft, text);
  renameSync(draft, path);
}

await bundleProgram();
// A first run leaves the code cache; whether this playbook is in order is not the build's concern.
spawnSync(process.execPath, [
  join(DIST, 'cli', 'main.cjs'),
  'check',
  join(PACKAGE_ROOT, 'playbooks', 'database-corruption.yaml'),
]);
