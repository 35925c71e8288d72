import { createHash } from 'node:crypto';
import { open } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { readJson } from '../../base/json-text.ts';
import { Instant } from '../../base/instant.ts';
import type { Value } from '../../base/value.ts';
import type { StepKind } from '../../model/kind.ts';
import { StepError } from '../../model/kind.ts';
import { fromFolder, placeOf } from '../machine/place.ts';
import { fileError } from '../machine/errors.ts';
import { quote } from '../context/quote.ts';
import type { Output, With } from '../types.ts';

type Result = Output['file.read'];

/** Of the content, in the output and so in the journal. */
const MAX_BYTES = 1024 * 1024;

/** Reads a file of this machine: one that an earlier step wrote, or one of the machine's own. */
export const fileRead: StepKind<With['file.read'], Result> = {
  name: 'file.read',
  outputs: ['text'],
  effect: () => 'read',
  describe: (args) => `Read the file ${args.path}`,
  byHand: (args, _environment, folder) => `cat ${quote(fromFolder(args.path, folder))}`,
  targets: () => [],
  async run(args, context) {
    const path = placeOf(args.path, context);
    const form = args.as ?? 'text';
    try {
      const file = await open(path, 'r');
      try {
        return await content(file, path, form, context.signal);
      } finally {
        await file.close();
      }
    } catch (cause) {
      context.signal.throwIfAborted();
      throw fileError(cause, path, { doing: 'read' }) ?? cause;
    }
  },
};

async function content(file: FileHandle, path: string, form: string, signal: AbortSignal): Promise<Result> {
  const stat = await file.stat();
  // A device or a pipe may never end.
  if (!stat.isFile()) throw new StepError(`${path} is not a plain file`, { code: 'cannotRead' });
  const hash = createHash('sha256');
  const kept: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of file.createReadStream({ autoClose: false, signal }) as AsyncIterable<Buffer>) {
    hash.update(chunk);
    if (bytes < MAX_BYTES) kept.push(chunk.subarray(0, MAX_BYTES - bytes));
    bytes += chunk.length;
  }
  const whole = Buffer.concat(kept).toString('utf8');
  const truncated = bytes > MAX_BYTES;
  if (truncated && form !== 'text') {
    throw new StepError(`${path} has more than ${MAX_BYTES} bytes, too many to take apart`, {
      code: 'tooLarge',
    });
  }
  return {
    path,
    text: whole,
    lines: form === 'lines' ? linesOf(whole) : [],
    json: form === 'json' ? jsonOf(whole, path) : null,
    bytes,
    sha256: hash.digest('hex'),
    modifiedAt: Instant.fromMillis(stat.mtimeMs),
    truncated,
  };
}

const linesOf = (whole: string): readonly string[] =>
  whole === '' ? [] : whole.replace(/\n$/, '').split('\n');

function jsonOf(whole: string, path: string): Value {
  try {
    return readJson(whole);
  } catch (cause) {
    throw new StepError(`${path} is not JSON`, {
      code: 'notJson',
      hint: whole === '' ? 'The file is empty.' : `It begins: ${whole.slice(0, 100)}`,
      cause,
    });
  }
}
