import { createHash, randomBytes } from 'node:crypto';
import { open, readFile, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { writeJson } from '../../base/json-text.ts';
import type { Value } from '../../base/value.ts';
import { isValueMap, isValueList } from '../../base/value.ts';
import { isHandle } from '../../model/handle.ts';
import type { StepContext, StepKind } from '../../model/kind.ts';
import { StepError } from '../../model/kind.ts';
import type { WritePlace } from '../machine/place.ts';
import { claim, elsewhere, FILE_MODE, leavesRun, makeFolder, placeOf, putInPlace } from '../machine/place.ts';
import { fileError } from '../machine/errors.ts';
import { plainJson, plainText } from '../context/reveal.ts';
import type { Output, With } from '../types.ts';

type Args = With['file.write'];
type Result = Output['file.write'];

/** Writes a file: whole or not at all, on disk when it ends. */
export const fileWrite: StepKind<Args, Result> = {
  name: 'file.write',
  outputs: ['path'],
  effect: (args) => (leavesRun(args.path) ? 'write' : 'none'),
  writesElsewhere: (args, folder) => elsewhere(args.path, folder),
  describe(args) {
    const where = leavesRun(args.path) ? '' : " in the run's folder";
    return `Write the file ${args.path}${where}`;
  },
  targets: () => [],

  async run(args, context) {
    const place = await claim(args.path, args, context);
    const content = await contentOf(args, context);
    const before = await digestOf(place.path);
    await makeFolder(dirname(place.path));
    await writeWhole(place, content, modeOf(args));
    return output(place.path, content, before !== undefined && before !== digest(content));
  },

  async reconcile(args, context) {
    const path = placeOf(args.path, context);
    const content = await contentOf(args, context);
    if ((await digestOf(path)) !== digest(content)) return { verdict: 'notHappened' };
    return { verdict: 'happened', output: output(path, content, false) };
  },
};

async function contentOf(args: Args, context: StepContext): Promise<Buffer> {
  if ((args.text === undefined) === (args.json === undefined))
    throw new StepError('give either "text" or "json"', { code: 'usage' });
  const value = args.text ?? args.json ?? null;
  if (holdsHandle(value) && args.secrets !== true) {
    throw new StepError('there is a secret in what is to be written, and the file would show it', {
      code: 'usage',
      hint: 'Give the secret to the step that needs it, or add "secrets: true" if that is meant.',
    });
  }
  if (args.text !== undefined) return Buffer.from(await plainText(value, 'text', context));
  return Buffer.from(`${writeJson(await plainJson(value, context), 2)}\n`);
}

function holdsHandle(value: Value): boolean {
  if (isHandle(value)) return true;
  if (isValueList(value)) return value.some(holdsHandle);
  return isValueMap(value) && Object.values(value).some(holdsHandle);
}

/** Beside its place first: whoever reads it sees the old content or the new, and never a part. */
async function writeWhole(place: WritePlace, content: Buffer, mode: number): Promise<void> {
  const { path } = place;
  const beside = `${path}.${randomBytes(6).toString('hex')}.new`;
  try {
    const file = await open(beside, 'wx', mode);
    try {
      await file.chmod(mode);
      await file.writeFile(content);
      await file.sync();
    } finally {
      await file.close();
    }
    await putInPlace(beside, place);
    await syncFolder(dirname(path));
  } catch (cause) {
    await rm(beside, { force: true });
    throw fileError(cause, path, { doing: 'write' }) ?? cause;
  }
}

/** Without it the new name could be lost with the power, though the content is there. */
async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

const modeOf = (args: Args): number => {
  const { mode } = args;
  return mode === undefined ? FILE_MODE : Number.parseInt(mode, 8);
};

async function digestOf(path: string): Promise<string | undefined> {
  try {
    return digest(await readFile(path));
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && cause.code === 'ENOENT') return undefined;
    throw fileError(cause, path, { doing: 'read' }) ?? cause;
  }
}

const digest = (content: Buffer): string => createHash('sha256').update(content).digest('hex');

const output = (path: string, content: Buffer, replaced: boolean): Result => ({
  path,
  bytes: content.length,
  sha256: digest(content),
  replaced,
});
