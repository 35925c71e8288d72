import type { S3Client } from '../client/client.ts';
import type { S3Object } from '../client/list.ts';
import { parseXml, childText } from '../client/xml.ts';

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
  const query = { encryption: '' };
  const answer = await client.attempt({ method: 'GET', doing: 'read the encryption', query });
  return 'refusal' in answer || !/<SSEAlgorithm>aws:kms/.test(answer.text);
}

/** Of two objects that seem to differ: a single object may have a KMS key of its own. */
export async function hasKmsKey(client: S3Client, key: string): Promise<boolean> {
  const answer = await client.attempt({ method: 'HEAD', doing: `look at ${key}`, key });
  return (
    !('refusal' in answer) && (answer.headers['x-amz-server-side-encryption'] ?? '').startsWith('aws:kms')
  );
}

export type Versioning = 'Enabled' | 'Suspended' | 'Never';

export async function readVersioning(client: S3Client): Promise<Versioning> {
  const doing = `read the versioning of ${client.bucket}`;
  const { text } = await client.send({ method: 'GET', doing, query: { versioning: '' } });
  const status = childText(parseXml(text), 'Status');
  return status === 'Enabled' || status === 'Suspended' ? status : 'Never';
}
