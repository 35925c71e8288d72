import { execFile } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { StepError, tryKind } from 'drillbook/kind';
import { describe, expect, it } from 'vitest';
import { temporaryFolder } from '../rig/drillbook.ts';
import setFlag from '../rig/own-kind/own.set-flag.ts';
import { SAMPLE, projectWithKind } from '../rig/own-kind/project.ts';

const SCHEMA = new URL('../rig/own-kind/own.set-flag.schema.json', import.meta.url);

/** The sample kind, with something of it done otherwise. */
type Kind = typeof setFlag;
const kind = (other: Partial<Kind> = {}): Kind => ({ ...setFlag, ...other });

function flags(content = '{}'): string {
  const path = join(temporaryFolder(), 'flags.json');
  writeFileSync(path, content);
  return path;
}

describe('tryKind', () => {
  it('runs a kind once and tells what it gave, did and said', async () => {
    const file = flags('{"other":true}');
    const tried = await tryKind(kind(), { schema: SCHEMA, with: { file, on: true } });
    expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual({ other: true, readOnly: true });
    expect(tried).toMatchObject({
      output: { was: false },
      effect: 'write',
      describe: `Turn read-only mode on in ${file}`,
      logs: [`written ${file}`],
      activities: [],
      checkpoints: [],
    });
  });

  it('does not run a kind with what its schema refuses', async () => {
    const file = flags();
    const tried = tryKind(kind(), { schema: SCHEMA, with: { file, on: 'yes' } });
    await expect(tried).rejects.toThrow(/own\.set-flag does not take this: on:/);
    expect(readFileSync(file, 'utf8')).toBe('{}');
  });

  it('throws an output that the schema refuses', async () => {
    const wrong = kind({ run: () => Promise.resolve({ was: true, at: 'yesterday' }) });
    const tried = tryKind(wrong, { schema: SCHEMA, with: { file: flags(), on: true } });
    await expect(tried).rejects.toThrow(/own\.set-flag gave an output that its schema refuses: .*at/);
  });

  it('gives a failure that the schema names as it is, and throws one that it does not', async () => {
    const missing = join(temporaryFolder(), 'none.json');
    const tried = tryKind(kind(), { schema: SCHEMA, with: { file: missing, on: true } });
    await expect(tried).rejects.toMatchObject({
      code: 'noFlags',
      hint: 'Is the application installed here?',
    });
    const unnamed = kind({ run: () => Promise.reject(new StepError('no room', { code: 'full' })) });
    await expect(tryKind(unnamed, { schema: SCHEMA, with: { file: flags(), on: true } })).rejects.toThrow(
      'own.set-flag fails with the code full, which x-errors of its schema does not name: no room',
    );
  });

  it('says what a schema lacks, with the place', async () => {
    const path = join(temporaryFolder(), 'own.set-flag.schema.json');
    writeFileSync(path, '{ "type": "object", "propertys": {} }');
    await expect(tryKind(kind(), { schema: path })).rejects.toThrow(/own\.set-flag\.schema\.json:1:/);
  });

  it('keeps what a kind saves, waits for and asks of the run', async () => {
    const busy = kind({
      async run(_, context) {
        context.waiting({ class: 'external', reason: 'the other side' });
        await context.saveCheckpoint({ at: context.checkpoint ?? null });
        context.working();
        return { was: context.onlyReads, at: context.clock.now().toString() };
      },
    });
    const options = { schema: SCHEMA, with: { file: flags(), on: true }, checkpoint: 7, onlyReads: true };
    expect(await tryKind(busy, options)).toMatchObject({
      output: { was: true },
      activities: ['external: the other side', 'working'],
      checkpoints: [{ at: 7 }],
    });
  });
});

describe('the types of drillbook/kind, in a project that has it installed', () => {
  const WRONG = SAMPLE.replace("was: flags['readOnly'] ?? false, ", '').replace("'write'", "'writes'");
  let compiled: Promise<string> | undefined;
  /** What the compiler says of the sample: as it is (`kind.ts`, tried in `try.ts`), and with mistakes (`wrong.ts`). */
  const problems = (): Promise<string> => (compiled ??= compile());

  async function compile(): Promise<string> {
    const { cwd } = projectWithKind({
      'tsconfig.json': JSON.stringify({
        compilerOptions: {
          ...{ strict: true, noEmit: true, module: 'nodenext', target: 'es2023' },
          ...{ types: ['node'], typeRoots: [resolve('node_modules', '@types')] },
        },
        files: ['kind.ts', 'try.ts', 'wrong.ts'],
      }),
      'try.ts': `import { tryKind } from 'drillbook/kind';
import setFlag from './kind.js';
const { output, logs } = await tryKind(setFlag, { schema: 'own.set-flag.schema.json', with: { file: 'a', on: true } });
console.log(output['was'], logs.join());
`,
      'kind.ts': SAMPLE,
      'wrong.ts': WRONG,
    });
    const tsc = resolve('node_modules', 'typescript', 'bin', 'tsc');
    return promisify(execFile)(process.execPath, [tsc, '-p', '.'], { cwd }).then(
      () => '',
      (error: unknown) => (error as { readonly stdout: string }).stdout,
    );
  }

  it('take a kind and its test as the page shows them', async () => {
    const said = (await problems()).split('\n').filter((line) => /^\S/.test(line));
    expect(said.filter((line) => !line.startsWith('wrong.ts('))).toEqual([]);
  });

  it('refuse an output that lacks a member, and an effect that there is not', async () => {
    expect(await problems()).toMatch(/wrong\.ts.*\n(?:.*\n)*.*'was' is missing/);
    expect(await problems()).toMatch(/wrong\.ts.*'"writes"' is not assignable to type 'Effect'/);
  });
});
