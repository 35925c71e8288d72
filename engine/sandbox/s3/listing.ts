import { canonicalId } from './accounts.ts';
import { restoreElement } from './restored.ts';
import type { Call, Reply } from './call.ts';
import { invalidArgument } from './errors.ts';
import { page } from './paging.ts';
import { encodeStrictly } from './request.ts';
import type { ObjectVersion, Version } from './versions.ts';
import { sequenceOf } from './versions.ts';
import type { Element } from './xml.ts';
import { document, element, optional } from './xml.ts';

const MAX_KEYS = 1000;

/** What all listings are asked for. */
interface Scope {
  readonly prefix: string;
  readonly delimiter: string | undefined;
  readonly limit: number;
  /** As it goes into the answer: percent-encoded where that was asked for. */
  readonly shown: (text: string) => string;
}

/** ListObjectsV2. */
export function listObjects({ bucket, request }: Call): Reply {
  const { query } = request;
  const scope = readScope(query, 'max-keys');
  const token = query.get('continuation-token');
  const start = query.get('start-after');
  const after = token === undefined ? start : readToken(token);
  const found = page({ ...scope, keys: bucket.keys, after, entriesOf: currentObject(bucket) });
  const { last } = found;
  return {
    status: 200,
    body: document('ListBucketResult', [
      element('Name', bucket.name),
      element('Prefix', scope.shown(scope.prefix)),
      optional('Delimiter', shownOrNone(scope, scope.delimiter)),
      element('MaxKeys', scope.limit),
      optional('EncodingType', query.get('encoding-type')),
      element('KeyCount', found.entries.length + found.prefixes.length),
      element('IsTruncated', found.truncated),
      optional('ContinuationToken', token),
      found.truncated && last !== undefined ? element('NextContinuationToken', writeToken(last)) : undefined,
      optional('StartAfter', shownOrNone(scope, start)),
      ...found.entries.map((version) =>
        contents(version, scope, bucket.owner, request, query.get('fetch-owner') === 'true'),
      ),
      ...found.prefixes.map((prefix) => commonPrefix(prefix, scope)),
    ]),
  };
}

/** ListObjects, the first version, which older clients use. */
export function listObjectsV1({ bucket, request }: Call): Reply {
  const { query } = request;
  const scope = readScope(query, 'max-keys');
  const marker = query.get('marker');
  const found = page({ ...scope, keys: bucket.keys, after: marker, entriesOf: currentObject(bucket) });
  const { last } = found;
  return {
    status: 200,
    body: document('ListBucketResult', [
      element('Name', bucket.name),
      element('Prefix', scope.shown(scope.prefix)),
      element('Marker', scope.shown(marker ?? '')),
      optional('Delimiter', shownOrNone(scope, scope.delimiter)),
      element('MaxKeys', scope.limit),
      optional('EncodingType', query.get('encoding-type')),
      element('IsTruncated', found.truncated),
      found.truncated && scope.delimiter !== undefined && last !== undefined
        ? element('NextMarker', scope.shown(last))
        : undefined,
      ...found.entries.map((version) => contents(version, scope, bucket.owner, request, true)),
      ...found.prefixes.map((prefix) => commonPrefix(prefix, scope)),
    ]),
  };
}

/** ListObjectVersions: keys in their order, versions of a key newest first, delete markers among them. */
export function listVersions({ bucket, request }: Call): Reply {
  const { query } = request;
  const scope = readScope(query, 'max-keys');
  const keyMarker = query.get('key-marker');
  const versionMarker = query.get('version-id-marker');
  if (versionMarker !== undefined && keyMarker === undefined) {
    throw invalidArgument(
      'A version-id marker cannot be specified without a key marker.',
      'version-id-marker',
      versionMarker,
    );
  }
  const isAfter = (version: Version): boolean =>
    version.key !== keyMarker ||
    (versionMarker !== undefined &&
      version.sequence < positionOf(bucket.versionsOf(keyMarker), versionMarker));
  const found = page({
    ...scope,
    keys: bucket.keys,
    after: keyMarker,
    within: versionMarker !== undefined,
    entriesOf: (key) => bucket.versionsOf(key).filter(isAfter),
  });
  const newest = found.entries.at(-1);
  const next = found.truncated
    ? [
        optional('NextKeyMarker', shownOrNone(scope, found.last)),
        newest?.key === found.last ? optional('NextVersionIdMarker', newest?.id) : undefined,
      ]
    : [];
  return {
    status: 200,
    body: document('ListVersionsResult', [
      element('Name', bucket.name),
      element('Prefix', scope.shown(scope.prefix)),
      element('KeyMarker', scope.shown(keyMarker ?? '')),
      element('VersionIdMarker', versionMarker ?? ''),
      optional('Delimiter', shownOrNone(scope, scope.delimiter)),
      element('MaxKeys', scope.limit),
      optional('EncodingType', query.get('encoding-type')),
      element('IsTruncated', found.truncated),
      ...next,
      ...found.entries.map((version) =>
        versionElement(version, bucket.current(version.key) === version, scope, bucket.owner, request),
      ),
      ...found.prefixes.map((prefix) => commonPrefix(prefix, scope)),
    ]),
  };
}

/** Where a version stands in the time of its key, also when it has been removed since. */
function positionOf(versions: readonly Version[], id: string): number {
  const known = versions.find((version) => version.id === id)?.sequence ?? sequenceOf(id);
  if (known === undefined) throw invalidArgument('Invalid version id specified', 'version-id-marker', id);
  return known;
}

const currentObject =
  (bucket: Call['bucket']) =>
  (key: string): readonly ObjectVersion[] => {
    const version = bucket.current(key);
    return version?.type === 'object' ? [version] : [];
  };

export function readScope(query: ReadonlyMap<string, string>, limitName: string): Scope {
  const text = query.get(limitName) ?? String(MAX_KEYS);
  const limit = /^\d+$/.test(text) ? Number(text) : NaN;
  if (Number.isNaN(limit)) {
    throw invalidArgument(
      `Argument ${limitName} must be an integer between 0 and 2147483647`,
      limitName,
      text,
    );
  }
  const encoding = query.get('encoding-type');
  if (encoding !== undefined && encoding !== 'url') {
    throw invalidArgument('Invalid Encoding Method specified in Request', 'encoding-type', encoding);
  }
  const delimiter = query.get('delimiter');
  return {
    prefix: query.get('prefix') ?? '',
    delimiter: delimiter === '' ? undefined : delimiter,
    limit: Math.min(limit, MAX_KEYS),
    // As in a form: S3 writes a space as a plus.
    shown:
      encoding === undefined
        ? (key) => key
        : (key) => key.split('/').map(encodeStrictly).join('/').replaceAll('%20', '+'),
  };
}

const shownOrNone = (scope: Scope, text: string | undefined): string | undefined =>
  text === undefined ? undefined : scope.shown(text);

export const commonPrefix = (prefix: string, scope: Pick<Scope, 'shown'>): Element =>
  element('CommonPrefixes', [element('Prefix', scope.shown(prefix))]);

const owner = (account: string): Element => element('Owner', [element('ID', canonicalId(account))]);

function details(version: ObjectVersion, request: Call['request']): (Element | undefined)[] {
  const asked = (request.headers['x-amz-optional-object-attributes'] ?? '').includes('RestoreStatus');
  return [
    element('ETag', `"${version.etag}"`),
    version.checksum === undefined
      ? undefined
      : element('ChecksumAlgorithm', version.checksum.name.toUpperCase()),
    element('Size', version.blob.size),
    element('StorageClass', version.storageClass),
    asked ? restoreElement(version) : undefined,
  ];
}

function contents(
  version: ObjectVersion,
  scope: Scope,
  account: string,
  request: Call['request'],
  withOwner: boolean,
): Element {
  return element('Contents', [
    element('Key', scope.shown(version.key)),
    element('LastModified', version.modified),
    ...details(version, request),
    withOwner ? owner(account) : undefined,
  ]);
}

function versionElement(
  version: Version,
  isLatest: boolean,
  scope: Scope,
  account: string,
  request: Call['request'],
): Element {
  return element(version.type === 'object' ? 'Version' : 'DeleteMarker', [
    element('Key', scope.shown(version.key)),
    element('VersionId', version.id),
    element('IsLatest', isLatest),
    element('LastModified', version.modified),
    ...(version.type === 'object' ? details(version, request) : []),
    owner(account),
  ]);
}

/** Opaque to the client, as S3's are. */
const writeToken = (key: string): string => Buffer.from(key).toString('base64url');

function readToken(token: string): string {
  const key = Buffer.from(token, 'base64url').toString();
  if (token === '' || writeToken(key) !== token) {
    throw invalidArgument('The continuation token provided is incorrect', 'continuation-token', token);
  }
  return key;
}
