import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { isBuiltin } from 'node:module';
import { join, relative, resolve } from 'node:path';
import { rolldown } from 'rolldown';
import type { OutputOptions, Plugin } from 'rolldown';
import { BUNDLES, switchTo } from './bundle-folders.ts';
import { withoutChildProcess, yamlWithoutGenerators } from './bundle-patches.ts';
import { PACKAGE_ROOT } from './package-info.ts';

// The last step of the build: makes a folder of dist/bundle/ of the sources, switches to it, and leaves
// the code cache in it. Why, and what each part brings: docs/decisions/start-up.md.

const SOURCES = join(PACKAGE_ROOT, 'engine');
/** All bundles lie at the same depth: what is relative to one is relative to each. */
const ANY_BUNDLE = join(BUNDLES, 'any');

/** Libraries that every command needs. All others stay in node_modules and are loaded by what uses them. */
const BUNDLED = new Set([
  ...['yaml', '@marcbachmann/cel-js', 'commander'],
  // ES modules with a default export, which required from CommonJS would be something else.
  ...['string-width', 'strip-ansi', 'ansi-regex', 'get-east-asian-width', 'ical.js'],
]);

/**
 * Not in the file of a world: what few worlds need and every one would have to read, and what a library asks for and can
 * do without.
 */
const LEFT_OUT_OF_WORLDS = new Set([
  ...['@redis/client', 'node-forge', 'smtp-server'],
  ...['pg-native', 'pg-cloudflare', '@node-rs/xxhash'],
]);

/** Programs that run in a process of their own, as they were found in `new URL('./main.js', import.meta.url)`. */
const ownProcesses = new Set<string>();

/**
 * A module looks for files from where it lies. Bundled, it must go on believing that it is there; but a
 * program that it starts is taken from the bundle too, or a later build would change it.
 */
const keepModuleUrls: Plugin = {
  name: 'keep-module-urls',
  transform(code, id) {
    if (!id.startsWith(SOURCES)) return null;
    const place = JSON.stringify(relative(ANY_BUNDLE, id));
    const urls = /new URL\('(\.\/[\w-]+)\.js', import\.meta\.url\)|import\.meta\.url/g;
    return code.replaceAll(urls, (_, program: string | undefined) => {
      if (program === undefined) return `new URL(${place}, import.meta.url).href`;
      const source = resolve(id, '..', `${program}.ts`);
      ownProcesses.add(source);
      return `new URL('./${nameOf(source)}', import.meta.url)`;
    });
  },
};

/** `engine/sandbox/main.ts` becomes `sandbox.main.mjs`. */
const nameOf = (program: string): string =>
  relative(SOURCES, program).replaceAll('/', '.').replace(/ts$/, 'mjs');

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

type Files = ReadonlyMap<string, string>;

/** The command, in parts: one for all that is needed before a command is chosen; what is imported later stays apart. */
function bundleCommand(): Promise<Files> {
  const program = join(SOURCES, 'cli', 'program.ts');
  return bundle(program, (id) => BUNDLED.has(id), {
    format: 'cjs',
    entryFileNames: '[name].cjs',
    chunkFileNames: '[name].cjs',
    codeSplitting: { groups: [{ name: 'start', test: (id) => id === program }] },
  });
}

/**
 * One file with its libraries, and so nothing of it is loaded later: out of a hundred files these take a world longer to
 * load than the start of its server.
 */
const bundleOwnProcess = (program: string): Promise<Files> =>
  bundle(program, (id) => !isBuiltin(id) && !LEFT_OUT_OF_WORLDS.has(id), {
    format: 'esm',
    entryFileNames: nameOf(program),
    codeSplitting: false,
  });

async function bundle(
  input: string,
  isBundled: (id: string) => boolean,
  options: OutputOptions,
): Promise<Files> {
  const build = await rolldown({
    input,
    platform: 'node',
    external: (id) => /^[^./#]/.test(id) && !isBundled(id),
    plugins: [keepModuleUrls, withoutChildProcess, yamlWithoutGenerators, asciiWithDigest],
    checks: { ineffectiveDynamicImport: false },
  });
  const { output } = await build.generate({ comments: { jsdoc: false }, ...options });
  await build.close();
  return new Map(output.flatMap((file) => (file.type === 'chunk' ? [[file.fileName, file.code]] : [])));
}

async function bundleProgram(): Promise<Files> {
  const files = new Map(await bundleCommand());
  // A Set goes on with what is added to it meanwhile: a program may start another one.
  for (const program of ownProcesses) {
    for (const [name, code] of await bundleOwnProcess(program)) files.set(name, code);
  }
  return files;
}

switchTo(await bundleProgram());
// A first run leaves the code cache; whether this playbook is in order is not the build's concern.
spawnSync(process.execPath, [
  join(PACKAGE_ROOT, 'dist', 'cli', 'main.cjs'),
  'check',
  join(PACKAGE_ROOT, 'playbooks', 'database-corruption.yaml'),
]);
