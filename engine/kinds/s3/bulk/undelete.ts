import type { Instant } from '../../../base/instant.ts';
import type { S3Client } from '../client/client.ts';
import type { S3Version } from '../client/list.ts';
import { deleteVersions } from './delete-versions.ts';
import type { Tally } from './sweep.ts';

/** The delete markers above an object: removed, the version below them is current again. */
export interface Deleted {
  readonly key: string;
  readonly markers: readonly string[];
  /** There is a version below them. */
  readonly hasVersion: boolean;
}

/**
 * The keys that a delete marker hides now and that it did not hide at `since`; all that it hides when
 * absent. Takes versions as S3 lists them: by key, of each the newest first.
 */
export async function* deletedKeys(
  versions: AsyncIterable<S3Version>,
  since?: Instant,
): AsyncGenerator<Deleted, void, void> {
  let key: string | undefined;
  let markers: S3Version[] = [];
  let open = false;
  const finish = (hasVersion: boolean): Deleted | undefined => {
    open = false;
    const oldest = markers.at(-1);
    if (key === undefined || oldest === undefined) return undefined;
    // The oldest of the markers is the one that hid it.
    if (since !== undefined && oldest.modified.epochMicros < since.epochMicros) return undefined;
    return { key, markers: markers.map(({ versionId }) => versionId), hasVersion };
  };
  for await (const version of versions) {
    if (version.key !== key) {
      const found = open ? finish(false) : undefined;
      if (found !== undefined) yield found;
      key = version.key;
      markers = [];
      open = true;
    }
    if (!open) continue;
    if (version.isMarker) {
      markers.push(version);
      continue;
    }
    const found = finish(true);
    if (found !== undefined) yield found;
  }
  const found = open ? finish(false) : undefined;
  if (found !== undefined) yield found;
}

/** Keys in groups whose markers fit one request. */
export async function* batches(
  keys: AsyncIterable<Deleted>,
  size: number,
): AsyncGenerator<readonly Deleted[], void, void> {
  let batch: Deleted[] = [];
  let count = 0;
  for await (const key of keys) {
    batch.push(key);
    count += key.hasVersion ? key.markers.length : 0;
    if (count < size && batch.length < 10 * size) continue;
    yield batch;
    batch = [];
    count = 0;
  }
  if (batch.length > 0) yield batch;
}

/**
 * Removes the delete markers of these keys, each by its version id: nothing else can be hit. A key
 * that has nothing but markers is left as it is.
 */
export async function removeMarkers(client: S3Client, keys: readonly Deleted[]): Promise<Tally> {
  const restorable = keys.filter(({ hasVersion }) => hasVersion);
  const markers = restorable.flatMap(({ key, markers: ids }) => ids.map((versionId) => ({ key, versionId })));
  await deleteVersions(client, markers, 'delete marker');
  return { restored: restorable.length, markers: markers.length, lost: keys.length - restorable.length };
}
