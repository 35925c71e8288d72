import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { readJson } from '../../../base/json-text.ts';
import type { StepContext } from '../../../model/kind.ts';
import { StepError } from '../../../model/kind.ts';
import { fileError } from '../../machine/errors.ts';
import { placeOf } from '../../machine/place.ts';
import type { S3Client } from '../client/client.ts';
import type { S3Version } from '../client/list.ts';
import { compareKeys, listVersions } from '../client/list.ts';
import { versionsOf } from './selection.ts';

/** Up to so many keys each is asked for by itself; for more all that begins like them is listed. */
const BY_THEMSELVES = 1000;

/** Keys that were named one by one: in S3's order, each once. */
export interface KeyList {
  readonly keys: readonly string[];
  /** The same for the same keys, so that a later life knows whether it is about them. */
  readonly digest: string;
}

/** Reads `keys` or `keysFile`; undefined where neither is given. Throws `StepError` for what is no list of keys. */
export async function readKeys(
  args: { readonly keys?: readonly string[]; readonly keysFile?: string },
  context: Pick<StepContext, 'run'>,
): Promise<KeyList | undefined> {
  const { keys, keysFile } = args;
  if (keys !== undefined && keysFile !== undefined) throw usage('both "keys" and "keysFile" are given');
  if (keysFile !== undefined) return keyList(await keysIn(placeOf(keysFile, context)));
  return keys === undefined ? undefined : keyList(keys);
}

/** Those that come after a key. */
export const keysAfter = (keys: readonly string[], after: string | undefined): readonly string[] =>
  after === undefined ? keys : keys.filter((key) => compareKeys(key, after) > 0);

function keyList(given: readonly string[]): KeyList {
  const keys = [...new Set(given)].sort(compareKeys);
  if (keys[0] === '') throw usage('one of the keys is empty');
  return { keys, digest: createHash('sha256').update(JSON.stringify(keys)).digest('hex') };
}

async function keysIn(path: string): Promise<readonly string[]> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (cause) {
    throw fileError(cause, path, { doing: 'read' }) ?? cause;
  }
  return text
    .split('\n')
    .flatMap((line, index) => (line.trim() === '' ? [] : [keyIn(line, path, index + 1)]));
}

function keyIn(line: string, path: string, number: number): string {
  try {
    const key = readJson(line);
    if (typeof key === 'string') return key;
  } catch {
    // Said below.
  }
  throw usage(`line ${String(number)} of ${path} is no key in JSON: ${JSON.stringify(line.slice(0, 80))}`);
}

const usage = (what: string): StepError =>
  new StepError(what, {
    code: 'usage',
    hint: 'A list of keys is "keys", or "keysFile": one to a line, each as a text in JSON, as s3.compare-keys writes them.',
  });

/** Streams the versions and delete markers of the keys, as a listing would: in their order, the newest first. */
export async function* versionsOfKeys(
  client: S3Client,
  keys: readonly string[],
): AsyncGenerator<S3Version, void, void> {
  if (keys.length <= BY_THEMSELVES) {
    for (const key of keys) yield* versionsOf(client, key);
    return;
  }
  const wanted = new Set(keys);
  for await (const version of listVersions(client, { prefix: sharedBeginning(keys) })) {
    if (wanted.has(version.key)) yield version;
  }
}

/** What all begin with: they are sorted, so the first and the last tell. */
function sharedBeginning(keys: readonly string[]): string {
  const [first, last] = [Array.from(keys[0] ?? ''), Array.from(keys.at(-1) ?? '')];
  const length = first.findIndex((char, index) => char !== last[index]);
  return (length < 0 ? first : first.slice(0, length)).join('');
}
