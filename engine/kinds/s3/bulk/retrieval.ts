import type { Tier } from '@aws-sdk/client-s3';
import { Instant } from '../../../base/instant.ts';
import type { S3Client } from '../client/client.ts';
import { ARCHIVED } from './copy.ts';

/** An object, or a version of one, in the archive. */
export interface Archived {
  readonly key: string;
  readonly size: number;
  readonly etag: string;
  /** The current version when absent. */
  readonly versionId?: string;
}

export interface Order {
  readonly days: number;
  readonly tier: string;
}

/** Asks for a readable copy. Asked twice it is the same order; one that is readable is kept for as many days from now. */
export async function requestRetrieval(
  client: S3Client,
  { key, versionId }: Archived,
  { days, tier }: Order,
): Promise<void> {
  const doing = `fetch ${key} from the archive`;
  const RestoreRequest = { Days: days, GlacierJobParameters: { Tier: tier as Tier } };
  const input = { ...client.ownBucket, Key: key, VersionId: versionId, RestoreRequest };
  const answer = await client.attempt((s3, http) => s3.restoreObject(input, http));
  if ('refusal' in answer && answer.refusal.code !== 'RestoreAlreadyInProgress')
    throw client.error(answer.refusal, doing);
}

export type RetrievalState =
  | { readonly state: 'readable'; readonly until: Instant | undefined }
  | { readonly state: 'underWay' }
  /** Nobody has asked for it, or the readable copy has expired. */
  | { readonly state: 'archived' };

/** How far the retrieval is, from `x-amz-restore`: https://docs.aws.amazon.com/AmazonS3/latest/API/API_HeadObject.html */
export async function retrievalState(
  client: S3Client,
  { key, versionId }: Archived,
): Promise<RetrievalState> {
  const input = { ...client.ownBucket, Key: key, VersionId: versionId };
  const { Restore: restore = '', StorageClass = 'STANDARD' } = await client.ask(
    `look at ${key}`,
    (s3, http) => s3.headObject(input, http),
  );
  if (/ongoing-request="true"/.test(restore)) return { state: 'underWay' };
  if (/ongoing-request="false"/.test(restore)) {
    const expiry = Date.parse(/expiry-date="([^"]+)"/.exec(restore)?.[1] ?? '');
    return { state: 'readable', until: Number.isNaN(expiry) ? undefined : Instant.fromMillis(expiry) };
  }
  const isArchived = ARCHIVED.has(StorageClass);
  return isArchived ? { state: 'archived' } : { state: 'readable', until: undefined };
}
