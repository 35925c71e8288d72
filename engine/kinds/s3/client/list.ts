import type {
  ListObjectsV2CommandOutput,
  ListObjectVersionsCommandOutput,
  ListObjectVersionsCommandInput,
  ObjectVersion,
} from '@aws-sdk/client-s3';
import { Instant } from '../../../base/instant.ts';
import type { S3Client } from './client.ts';
import { notS3 } from './errors.ts';

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
  /** Asks for the next page; undefined after the last. */
  readonly next: (() => Promise<Page<T>>) | undefined;
}

interface Range {
  readonly prefix?: string | undefined;
  /** A key up to which all is left out. */
  readonly after?: string | undefined;
}

/** In which keys survive that XML cannot hold. */
const ENCODED = { EncodingType: 'url', MaxKeys: 1000 } as const;

/** Streams the current objects in the order of their keys' UTF-8 bytes. */
export async function* listObjects(
  client: S3Client,
  { prefix, after }: Range,
): AsyncGenerator<S3Object, void, void> {
  const input = { ...client.ownBucket, ...ENCODED, Prefix: prefix, StartAfter: after };
  const page = async (ContinuationToken?: string): Promise<Page<S3Object>> => {
    const answer = await client.ask(doing(client), (s3, http) =>
      s3.listObjectsV2({ ...input, ContinuationToken }, http),
    );
    const decode = decoderOf(client, answer);
    const token = answer.IsTruncated === true ? answer.NextContinuationToken : undefined;
    return {
      items: (answer.Contents ?? []).map((object) => readObject(object, decode)),
      next: token === undefined ? undefined : () => page(token),
    };
  };
  yield* itemsOf(page());
}

/** Streams all versions and delete markers: keys in order, of each key the newest first. */
export async function* listVersions(
  client: S3Client,
  { prefix, after }: Range,
): AsyncGenerator<S3Version, void, void> {
  const input = { ...client.ownBucket, ...ENCODED, Prefix: prefix };
  const page = async (KeyMarker?: string, VersionIdMarker?: string): Promise<Page<S3Version>> => {
    const { answer, order } = await askForVersions(client, { ...input, KeyMarker, VersionIdMarker });
    const decode = decoderOf(client, answer);
    const items = inOrder(answer, order, decode);
    const marker = answer.NextKeyMarker ?? '';
    // Some services encode the marker like the keys and some do not; the last entry tells which.
    const key = marker === items.at(-1)?.key ? marker : decode(marker);
    const version = answer.NextVersionIdMarker === '' ? undefined : answer.NextVersionIdMarker;
    return { items, next: answer.IsTruncated === true ? () => page(key, version) : undefined };
  };
  yield* itemsOf(page(after));
}

/** The next page is asked for while the one before is being worked on. */
async function* itemsOf<T>(first: Promise<Page<T>>): AsyncGenerator<T, void, void> {
  let page: Promise<Page<T>> | undefined = first;
  try {
    while (page !== undefined) {
      const { items, next }: Page<T> = await page;
      page = next?.();
      yield* items;
    }
  } finally {
    // A consumer that stops early does not wait for the page it never reads.
    page?.catch(() => undefined);
  }
}

type Order = readonly ('Version' | 'DeleteMarker')[];

/**
 * S3 names versions and delete markers in one order, the newest first, which the SDK parts into two lists; what was
 * written within one second is told apart by nothing else. So the order is read on its way to the SDK.
 */
async function askForVersions(
  client: S3Client,
  input: ListObjectVersionsCommandInput,
): Promise<{ readonly answer: ListObjectVersionsCommandOutput; readonly order: Order }> {
  const { ListObjectVersionsCommand } = await import('@aws-sdk/client-s3');
  const command = new ListObjectVersionsCommand(input);
  let order: Order = [];
  command.middlewareStack.add(
    (next) => async (args) => {
      const result = await next(args);
      const response = result.response as { body?: AsyncIterable<Uint8Array> | Uint8Array };
      const chunks: Uint8Array[] = [];
      for await (const chunk of response.body as AsyncIterable<Uint8Array>) chunks.push(chunk);
      const body = Buffer.concat(chunks);
      order = Array.from(
        body.toString('latin1').matchAll(/<(Version|DeleteMarker)[\s>]/g),
        ([, name]) => name as Order[number],
      );
      response.body = body;
      return result;
    },
    { step: 'deserialize', priority: 'low', name: 'orderOfVersions' },
  );
  const answer = await client.ask(doing(client), (s3, http) => s3.send(command, http));
  return { answer, order };
}

function inOrder(answer: ListObjectVersionsCommandOutput, order: Order, decode: Decode): S3Version[] {
  const versions = (answer.Versions ?? []).values();
  const markers = (answer.DeleteMarkers ?? []).values();
  return order.map((name) => {
    const isMarker = name === 'DeleteMarker';
    const entry: ObjectVersion = (isMarker ? markers : versions).next().value ?? {};
    return {
      ...readObject(entry, decode),
      versionId: entry.VersionId ?? 'null',
      isLatest: entry.IsLatest === true,
      isMarker,
    };
  });
}

const doing = (client: S3Client): string => `list the bucket ${client.bucket}`;

type Decode = (text: string) => string;

/** How keys are to be read. Throws where the answer is no listing: something else speaks XML there. */
function decoderOf(
  client: S3Client,
  { Name, EncodingType }: Pick<ListObjectsV2CommandOutput, 'Name' | 'EncodingType'>,
): Decode {
  if (Name === undefined) throw notS3(client.host);
  // Form encoding.
  return EncodingType === 'url' ? (text) => decodeURIComponent(text.replaceAll('+', ' ')) : (text) => text;
}

function readObject(
  { Key = '', Size = 0, ETag = '', LastModified, StorageClass = 'STANDARD' }: Listed,
  decode: Decode,
): S3Object {
  return {
    key: decode(Key),
    size: Size,
    etag: ETag.replaceAll('"', ''),
    modified: Instant.fromMillis(LastModified?.getTime() ?? 0),
    storageClass: StorageClass,
  };
}

interface Listed {
  readonly Key?: string | undefined;
  readonly Size?: number | undefined;
  readonly ETag?: string | undefined;
  readonly LastModified?: Date | undefined;
  readonly StorageClass?: string | undefined;
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
