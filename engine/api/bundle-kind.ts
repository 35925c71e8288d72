import { mkdirSync, readFileSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { rolldown } from 'rolldown';
import ts from 'typescript';

// A step of the build: what `drillbook/kind` leads to, one module with the types that it speaks of.
// A package that lies beside a user's kinds is another copy than the running program, so that it stands alone.

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const ENGINE = join(ROOT, 'engine');
const ENTRY = join(ENGINE, 'api', 'kind.ts');
const OUT = join(ROOT, 'dist', 'kind');

async function bundledCode(): Promise<string> {
  const build = await rolldown({
    input: ENTRY,
    platform: 'node',
    external: (id) => /^[^./#]/.test(id),
  });
  const { output } = await build.generate({
    format: 'esm',
    codeSplitting: false,
    comments: { jsdoc: false },
  });
  await build.close();
  return output[0].code;
}

/** The declarations of the entry and of those modules alone that its types name. */
function declarations(): ReadonlyMap<string, string> {
  const { config } = ts.readConfigFile(join(ROOT, 'tsconfig.json'), (path) => readFileSync(path, 'utf8')) as {
    readonly config: object;
  };
  const { options } = ts.parseJsonConfigFileContent({ ...config, include: [] }, ts.sys, ROOT);
  const program = ts.createProgram([ENTRY], {
    ...options,
    noEmit: false,
    // The step before this one has checked them.
    noCheck: true,
    declaration: true,
    emitDeclarationOnly: true,
    rootDir: ENGINE,
    outDir: OUT,
  });
  const needed = new Map<string, string>();
  const follow = (source: string): void => {
    const file = program.getSourceFile(source);
    if (file === undefined || needed.has(declarationOf(source))) return;
    program.emit(file, (_, text) => needed.set(declarationOf(source), text));
    const text = needed.get(declarationOf(source)) ?? '';
    for (const [, to = ''] of text.matchAll(/(?:from |import\()['"](\.[^'"]*)\.[jt]s['"]/g)) {
      follow(resolve(dirname(source), `${to}.ts`));
    }
  };
  follow(ENTRY);
  return needed;
}

/** `engine/api/kind.ts` becomes `api/kind.d.ts`. */
const declarationOf = (source: string): string => relative(ENGINE, source).replace(/ts$/, 'd.ts');

const files = new Map([...declarations(), ['kind.js', await bundledCode()]]);
const draft = `${OUT}.${String(process.pid)}`;
for (const [name, text] of files) {
  // Each is there as a whole, whoever reads it, or builds the same, meanwhile.
  for (const folder of [draft, OUT]) mkdirSync(join(folder, dirname(name)), { recursive: true });
  writeFileSync(join(draft, name), text);
  renameSync(join(draft, name), join(OUT, name));
}
rmSync(draft, { recursive: true });
for (const name of readdirSync(OUT, { recursive: true, encoding: 'utf8' })) {
  if (/\.[jt]s$/.test(name) && !files.has(name)) rmSync(join(OUT, name), { force: true });
}
