import { Instant } from '../../../base/instant.ts';
import { StepError } from '../../../model/kind.ts';
import type { S3Client } from './client.ts';
import type { Element } from './xml.ts';
import { parseXml, childText } from './xml.ts';

export interface S3Object {
  readonly key: string;
  readonly size: number;
  /** Without its quotes. */
  readonly etag: string;
  readonly modified: Instant;
  readonly storageClass: string;
}

export interface S3Version extends S3Object {
  /** `null` for an object that was written before versioning. */
  readonly versionId: string;
  readonly isLatest: boolean;
  /** A delete marker has neither size nor ETag. */
  readonly isMarker: boolean;
}

interface Page<T> {
  readonly items: readonly T[];
  /** The query of the next page; undefined after the last. */
  readonly next: Readonly<Record<string, string>> | undefined;
}

/** Streams the current objects in the order of their keys' UTF-8 bytes. `after`: a key below which all is left out. */
export async function* listObjects(
  client: S3Client,
  options: { readonly prefix?: string | undefined; readonly after?: string | undefined },
): AsyncGenerator<S3Object, void, void> {
  const start = { 'start-after': options.after };
  for await (const page of pages(client, { 'list-type': '2', prefix: options.prefix }, start, readObjects)) {
    yield* page.items;
  }
}

/** Streams all versions and delete markers: keys in order, of each key the newest first. */
export async function* listVersions(
  client: S3Client,
  options: { readonly prefix?: string | undefined; readonly after?: string | undefined },
): AsyncGenerator<S3Version, void, void> {
  const start = { 'key-marker': options.after };
  for await (const page of pages(client, { versions: '', prefix: options.prefix }, start, readVersions)) {
    yield* page.items;
  }
}

/** The next page is asked for while the one before is being worked on. */
async function* pages<T>(
  client: S3Client,
  query: Readonly<Record<string, string | undefined>>,
  start: Readonly<Record<string, string | undefined>>,
  read: (root: Element, decode: Decode) => Page<T>,
): AsyncGenerator<Page<T>, void, void> {
  const fetch = async (place: Readonly<Record<string, string | undefined>>): Promise<Page<T>> => {
    const { text } = await client.send({
      method: 'GET',
      doing: `list the bucket ${client.bucket}`,
      query: { ...query, 'encoding-type': 'url', 'max-keys': '1000', ...place },
    });
    const root = parseXml(text);
    if (root === undefined || !/^List\w*Result$/.test(root.name)) throw noListing(client, text);
    return read(root, childText(root, 'EncodingType') === 'url' ? decodeKey : (key) => key);
  };
  let page: Promise<Page<T>> | undefined = fetch(start);
  try {
    while (page !== undefined) {
      const current: Page<T> = await page;
      page = current.next === undefined ? undefined : fetch(current.next);
      yield current;
    }
  } finally {
    // A consumer that stops early does not wait for the page it never reads.
    page?.catch(() => undefined);
  }
}

const noListing = (client: S3Client, text: string): StepError =>
  new StepError(`${client.host} did not answer like an S3 service: ${JSON.stringify(text.slice(0, 80))}`, {
    code: 'notS3',
    hint: 'Check the endpoint in the environment.',
  });

type Decode = (text: string) => string;

/** Form encoding, in which keys survive that XML cannot hold. */
const decodeKey: Decode = (text) => decodeURIComponent(text.replaceAll('+', ' '));

function readObjects(root: Element, decode: Decode): Page<S3Object> {
  const items: S3Object[] = [];
  for (const element of root.children) {
    if (element.name === 'Contents') items.push(readObject(element, decode));
  }
  const token =
    childText(root, 'IsTruncated') === 'true' ? childText(root, 'NextContinuationToken') : undefined;
  return {
    items,
    next: token === undefined ? undefined : { 'continuation-token': token },
  };
}

function readVersions(root: Element, decode: Decode): Page<S3Version> {
  const items: S3Version[] = [];
  for (const element of root.children) {
    if (element.name !== 'Version' && element.name !== 'DeleteMarker') continue;
    items.push({
      ...readObject(element, decode),
      versionId: childText(element, 'VersionId') ?? 'null',
      isLatest: childText(element, 'IsLatest') === 'true',
      isMarker: element.name === 'DeleteMarker',
    });
  }
  return {
    items,
    next: childText(root, 'IsTruncated') === 'true' ? nextVersion(root, items, decode) : undefined,
  };
}

/** Some services encode the marker like the keys and some do not; the last entry tells which. */
function nextVersion(root: Element, items: readonly S3Version[], decode: Decode): Record<string, string> {
  const raw = childText(root, 'NextKeyMarker') ?? '';
  const key = raw === items.at(-1)?.key ? raw : decode(raw);
  const version = childText(root, 'NextVersionIdMarker');
  return {
    'key-marker': key,
    ...(version !== undefined && version !== '' && { 'version-id-marker': version }),
  };
}

function readObject(element: Element, decode: Decode): S3Object {
  const fields: Record<string, string> = {};
  for (const { name, text } of element.children) fields[name] = text;
  return {
    key: decode(fields['Key'] ?? ''),
    size: Number(fields['Size'] ?? 0),
    etag: (fields['ETag'] ?? '').replaceAll('"', ''),
    modified: readMoment(fields['LastModified']),
    storageClass: fields['StorageClass'] ?? 'STANDARD',
  };
}

function readMoment(text = ''): Instant {
  const millis = Date.parse(text);
  return Instant.fromMillis(Number.isNaN(millis) ? 0 : millis);
}

/** S3's order of keys: that of their UTF-8 bytes, which for surrogates is not JavaScript's. */
export function compareKeys(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let index = 0; index < length; index++) {
    const left = a.charCodeAt(index);
    const right = b.charCodeAt(index);
    if (left !== right) return rank(left) - rank(right);
  }
  return a.length - b.length;
}

/** Surrogates stand for what comes after all other code units. */
const rank = (unit: number): number => (unit >= 0xd800 && unit < 0xe000 ? unit + 0x10000 : unit);
