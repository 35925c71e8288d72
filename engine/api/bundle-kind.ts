import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
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
    declaration: true,
    emitDeclarationOnly: true,
    rootDir: ENGINE,
    outDir: OUT,
  });
  const all = new Map<string, string>();
  program.emit(undefined, (path, text) => all.set(resolve(path), text));
  const needed = new Map<string, string>();
  const follow = (path: string): void => {
    const text = all.get(path);
    if (text === undefined || needed.has(path)) return;
    needed.set(path, text);
    for (const [, to = ''] of text.matchAll(/(?:from |import\()['"](\.[^'"]*)\.[jt]s['"]/g)) {
      follow(resolve(dirname(path), `${to}.d.ts`));
    }
  };
  follow(join(OUT, 'api', 'kind.d.ts'));
  return needed;
}

const code = await bundledCode();
const draft = `${OUT}.${String(process.pid)}`;
for (const [path, text] of [...declarations(), [join(OUT, 'kind.js'), code] as const]) {
  const at = join(draft, relative(OUT, path));
  mkdirSync(dirname(at), { recursive: true });
  writeFileSync(at, text);
}
rmSync(OUT, { recursive: true, force: true });
renameSync(draft, OUT);
