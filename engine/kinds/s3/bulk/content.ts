import type { S3Client } from '../client/client.ts';
import type { S3Object } from '../client/list.ts';

export type Sameness = 'etag' | 'size' | 'different';

/**
 * Whether two objects have the same content, as far as a listing tells: by ETag, or by size alone where
 * ETags say nothing (written in parts, or encrypted with a key of KMS).
 */
export function compareContent(a: Content, b: Content, digests: boolean): Sameness {
  if (a.size !== b.size) return 'different';
  if (a.etag === b.etag) return 'etag';
  return digests && isDigest(a.etag) && isDigest(b.etag) ? 'different' : 'size';
}

type Content = Pick<S3Object, 'size' | 'etag'>;

/** The ETag of an object that was written in parts depends on the parts. */
const isDigest = (etag: string): boolean => /^[\da-f]{32}$/.test(etag);

/**
 * Whether the ETags of objects that are written into this bucket are digests of their content: not
 * with a KMS key as the default (https://docs.aws.amazon.com/AmazonS3/latest/API/API_Object.html).
 */
export async function etagsAreDigests(client: S3Client): Promise<boolean> {
  const answer = await client.attempt((s3, http) => s3.getBucketEncryption(client.ownBucket, http));
  if ('refusal' in answer) return true;
  const rules = answer.value.ServerSideEncryptionConfiguration?.Rules ?? [];
  return !rules.some((rule) => isKms(rule.ApplyServerSideEncryptionByDefault?.SSEAlgorithm));
}

const isKms = (algorithm = ''): boolean => algorithm.startsWith('aws:kms');

/** Of two objects that seem to differ: a single object may have a KMS key of its own. */
export async function hasKmsKey(client: S3Client, key: string): Promise<boolean> {
  const input = { ...client.ownBucket, Key: key };
  const answer = await client.attempt((s3, http) => s3.headObject(input, http));
  return 'value' in answer && isKms(answer.value.ServerSideEncryption);
}

export type Versioning = 'Enabled' | 'Suspended' | 'Never';

export async function readVersioning(client: S3Client): Promise<Versioning> {
  const doing = `read the versioning of ${client.bucket}`;
  const { Status } = await client.ask(doing, (s3, http) => s3.getBucketVersioning(client.ownBucket, http));
  return Status ?? 'Never';
}
