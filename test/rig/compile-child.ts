import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import ts from 'typescript';

const ROOT = resolve(import.meta.dirname, '../..');
const ENGINE = join(ROOT, 'engine');

/**
 * Compiles a program of the tests, and what it imports of them, into a folder, so that plain
 * node can run it. What it imports of the engine is the built one: what is tested is what ships.
 */
export function compileChild(entry: URL, folder: string): string {
  const done = new Set<string>();
  const outputOf = (file: string): string =>
    join(folder, relative(join(ROOT, 'test'), file).replace(/\.ts$/, '.mjs'));
  const compile = (file: string): void => {
    if (done.has(file)) return;
    done.add(file);
    const { outputText } = ts.transpileModule(readFileSync(file, 'utf8'), {
      compilerOptions: {
        module: ts.ModuleKind.ESNext,
        target: ts.ScriptTarget.ES2023,
        verbatimModuleSyntax: true,
      },
    });
    const text = outputText.replaceAll(/from '(\.[^']*)\.ts'/g, (_, specifier: string) => {
      const imported = resolve(dirname(file), `${specifier}.ts`);
      if (imported.startsWith(ENGINE)) return `from '${builtFrom(imported)}'`;
      compile(imported);
      return `from '${pathToFileURL(outputOf(imported)).href}'`;
    });
    mkdirSync(dirname(outputOf(file)), { recursive: true });
    writeFileSync(outputOf(file), text);
  };
  const path = fileURLToPath(entry);
  compile(path);
  return outputOf(path);
}

const builtFrom = (file: string): string =>
  pathToFileURL(join(ROOT, 'dist', relative(ENGINE, file).replace(/\.ts$/, '.js'))).href;
