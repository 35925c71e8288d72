import type { Instant } from '../../../base/instant.ts';
import type { JsonObject } from '../../../base/json.ts';
import { StepError } from '../../../model/kind.ts';
import type { S3Client } from '../client/client.ts';
import type { S3Version } from '../client/list.ts';
import { listVersions } from '../client/list.ts';
import type { Chosen } from '../client/versions.ts';
import { chooseVersions } from '../client/versions.ts';
import { bucketPlace } from '../client/bucket-place.ts';

/** Which versions are meant: one by its id, or those that were current at a moment. */
export interface Selection {
  readonly prefix: string | undefined;
  readonly key: string | undefined;
  readonly versionId: string | undefined;
  readonly at: Instant | undefined;
  readonly order: JsonObject;
}

/** What says which versions are meant. */
export interface Choice {
  readonly key?: string;
  readonly prefix?: string;
  readonly versionId?: string;
  readonly at?: Instant;
}

/** Reads `key`, `prefix`, `versionId` and `at`. Throws `StepError` where they do not say which versions. */
export function readSelection(args: Choice): Selection {
  const { key, prefix, versionId, at } = args;
  if ((key === undefined) === (prefix === undefined)) {
    throw usage('Say either "key" or "prefix"; the whole bucket is the prefix "".');
  }
  if ((versionId === undefined) === (at === undefined)) throw usage('Say either "versionId" or "at".');
  if (versionId !== undefined && key === undefined) throw usage('A "versionId" goes with a "key".');
  const order = {
    key: key ?? null,
    prefix: prefix ?? null,
    versionId: versionId ?? null,
    at: at?.toString() ?? null,
  };
  return { key, prefix, versionId, at, order };
}

const usage = (hint: string): StepError =>
  new StepError('it is not clear which versions are meant', { code: 'usage', hint });

/** Each key with the version that is meant and the one that is current, in key order. */
export async function* selectedVersions(
  client: S3Client,
  selection: Selection,
  after: string | undefined,
): AsyncGenerator<Chosen, void, void> {
  const { key, versionId, at } = selection;
  if (key !== undefined) {
    if (after === undefined) yield await selectedOfKey(client, key, selection);
    return;
  }
  if (at !== undefined && versionId === undefined) {
    yield* chooseVersions(listVersions(client, { prefix: selection.prefix, after }), at);
  }
}

async function selectedOfKey(client: S3Client, key: string, { versionId, at }: Selection): Promise<Chosen> {
  if (at !== undefined) {
    for await (const chosen of chooseVersions(versionsOf(client, key), at)) return chosen;
    return { key, then: undefined, now: undefined };
  }
  let then: S3Version | undefined;
  let now: S3Version | undefined;
  for await (const version of versionsOf(client, key)) {
    if (version.isMarker) continue;
    if (version.isLatest) now = version;
    if (version.versionId === versionId) then = version;
  }
  return { key, then, now };
}

/** Of a prefix the key itself comes first, so little more is read than is wanted. */
export async function* versionsOf(client: S3Client, key: string): AsyncGenerator<S3Version, void, void> {
  for await (const version of listVersions(client, { prefix: key })) {
    if (version.key !== key) return;
    yield version;
  }
}

/** `uploads/a.mp4 of shop-videos as it was at 2025-…`. */
export function selectionWords(args: Choice & Parameters<typeof bucketPlace>[0]): string {
  const { key, versionId } = args;
  const what = key !== undefined ? `${key} of ${bucketPlace({ ...args, prefix: '' })}` : bucketPlace(args);
  if (versionId !== undefined) return `${what}, version ${versionId},`;
  return args.at === undefined ? what : `${what} as of ${args.at.toString()}`;
}
