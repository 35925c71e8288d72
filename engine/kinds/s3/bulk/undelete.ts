import type { Instant } from '../../../base/instant.ts';
import type { S3Client } from '../client/client.ts';
import { md5Header } from '../client/md5.ts';
import type { S3Version } from '../client/list.ts';
import type { Tally } from './sweep.ts';
import { BEYOND_XML, escapeXml, parseXml, childText } from '../client/xml.ts';
import { StepError } from '../../../model/kind.ts';

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

/** S3 takes so many in one request: https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteObjects.html */
const MOST = 1000;
const ROUNDS = 5;

interface Doomed {
  readonly key: string;
  readonly versionId: string;
}

/**
 * Removes the delete markers of these keys, each by its version id: nothing else can be hit. A key
 * that has nothing but markers is left as it is.
 */
export async function removeMarkers(client: S3Client, keys: readonly Deleted[]): Promise<Tally> {
  const restorable = keys.filter(({ hasVersion }) => hasVersion);
  let rest: readonly Doomed[] = restorable.flatMap(({ key, markers }) =>
    markers.map((versionId) => ({ key, versionId })),
  );
  const markers = rest.length;
  for (let round = 1; rest.length > 0; round++) {
    const refused: Refused[] = [];
    const [odd, plain] = [rest.filter(isOdd), rest.filter((one) => !isOdd(one))];
    await Promise.all(odd.map((one) => deleteVersion(client, one)));
    for (let from = 0; from < plain.length; from += MOST) {
      refused.push(...(await deleteVersions(client, plain.slice(from, from + MOST))));
    }
    const last =
      refused.find(({ code }) => !PASSING.has(code)) ?? (round === ROUNDS ? refused[0] : undefined);
    if (last !== undefined) {
      throw client.error(
        { status: 200, code: last.code, message: last.message },
        `remove the delete marker of ${last.key}`,
      );
    }
    rest = refused;
  }
  return { restored: restorable.length, markers, lost: keys.length - restorable.length };
}

interface Refused extends Doomed {
  readonly code: string;
  readonly message: string;
}

const PASSING = new Set(['InternalError', 'SlowDown', 'ServiceUnavailable', 'OperationAborted']);

const isOdd = ({ key }: Doomed): boolean => BEYOND_XML.test(key);

async function deleteVersion(client: S3Client, { key, versionId }: Doomed): Promise<void> {
  const doing = `remove the delete marker of ${JSON.stringify(key)}`;
  await client.send({ method: 'DELETE', doing, key, query: { versionId } });
}

async function deleteVersions(client: S3Client, doomed: readonly Doomed[]): Promise<readonly Refused[]> {
  const objects = doomed.map(
    ({ key, versionId }) =>
      `<Object><Key>${escapeXml(key)}</Key><VersionId>${escapeXml(versionId)}</VersionId></Object>`,
  );
  const body = `<Delete xmlns="http://s3.amazonaws.com/doc/2006-03-01/">${objects.join('')}<Quiet>true</Quiet></Delete>`;
  const { text } = await client.send({
    method: 'POST',
    doing: `remove delete markers in ${client.bucket}`,
    query: { delete: '' },
    headers: md5Header(body),
    body,
  });
  const root = parseXml(text);
  if (root === undefined)
    throw new StepError('S3 did not say what it removed', {
      code: 'InternalError',
      changed: 'maybe',
      retryable: true,
    });
  return root.children
    .filter(({ name }) => name === 'Error')
    .map((element) => ({
      key: childText(element, 'Key') ?? '',
      versionId: childText(element, 'VersionId') ?? '',
      code: childText(element, 'Code') ?? 'InternalError',
      message: childText(element, 'Message') ?? '',
    }));
}
