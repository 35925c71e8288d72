import { symlinkSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { rolldown } from 'rolldown';
import type { Plugin } from 'rolldown';

const ROOT = resolve(import.meta.dirname, '../..');

/**
 * What nearly every program needs, and what can be no module of the older form; a program loads other libraries when it
 * comes to what uses them.
 */
const BUNDLED = new Set([
  ...['yaml', '@marcbachmann/cel-js'],
  ...['string-width', 'get-east-asian-width', 'strip-ansi', 'ansi-regex'],
]);

/** A module looks for files from where its source lies. */
const keepModuleUrls: Plugin = {
  name: 'keep-module-urls',
  transform: (code, id) => code.replaceAll('import.meta.url', JSON.stringify(pathToFileURL(id).href)),
};

/**
 * Bundles a program of the tests and what it imports into a folder, as the build bundles what ships: plain node
 * starts it, in a third of the time that the modules one by one would take. Tests that kill processes start hundreds.
 */
export async function compileChild(entry: URL, folder: string): Promise<string> {
  const input = fileURLToPath(entry);
  const name = basename(input, '.ts');
  const build = await rolldown({
    input: { [name]: input },
    cwd: ROOT,
    platform: 'node',
    external: (id) => /^[^./#]/.test(id) && !BUNDLED.has(id),
    plugins: [keepModuleUrls],
    checks: { ineffectiveDynamicImport: false },
  });
  await build.write({
    dir: folder,
    format: 'cjs',
    entryFileNames: '[name].cjs',
    chunkFileNames: '[name].cjs',
  });
  await build.close();
  symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'));
  return join(folder, `${name}.cjs`);
}
