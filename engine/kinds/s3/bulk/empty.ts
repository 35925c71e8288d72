import { StepError } from '../../../model/kind.ts';
import type { S3Client } from '../client/client.ts';
import type { S3Version } from '../client/list.ts';

const BATCH = 500;

/** Whether there is such a bucket. Throws `StepError` where it cannot be asked, or is somebody else's. */
export async function isThere(client: S3Client): Promise<boolean> {
  const doing = `look for the bucket ${client.bucket}`;
  const answer = await client.attempt((s3, http) => s3.getBucketVersioning(client.ownBucket, http));
  if (!('refusal' in answer)) return true;
  if (answer.refusal.code === 'NoSuchBucket') return false;
  throw client.error(answer.refusal, doing);
}

/** What a service says that has no Object Lock, or none on this bucket. */
const UNLOCKED = new Set([
  'ObjectLockConfigurationNotFoundError',
  'NoSuchObjectLockConfiguration',
  'NotImplemented',
  'MethodNotAllowed',
]);

/** Throws `StepError`, before anything is deleted, for what would leave a bucket that is half empty. */
export async function checkDeletable(client: S3Client): Promise<void> {
  const doing = `read the Object Lock of ${client.bucket}`;
  const lock = await client.attempt((s3, http) => s3.getObjectLockConfiguration(client.ownBucket, http));
  if ('refusal' in lock) {
    if (!UNLOCKED.has(lock.refusal.code)) throw client.error(lock.refusal, doing);
  } else if (lock.value.ObjectLockConfiguration?.ObjectLockEnabled === 'Enabled') {
    throw new StepError(`${client.bucket} has Object Lock: its versions may not be deleted yet, or never`, {
      code: 'objectLock',
      hint: 'Somebody has decided that they stay. Leave the bucket, or let those who may do it by hand.',
    });
  }
  const { MFADelete } = await client.ask(`read the versioning of ${client.bucket}`, (s3, http) =>
    s3.getBucketVersioning(client.ownBucket, http),
  );
  if (MFADelete === 'Enabled') {
    throw new StepError(
      `${client.bucket} has MFA delete: no version can be deleted without the token of its owner`,
      {
        code: 'mfaDelete',
        hint: 'Its owner has to switch it off, or to empty the bucket by hand.',
      },
    );
  }
}

/** Versions and delete markers in groups that fit one request. */
export async function* versionBatches(
  versions: AsyncIterable<S3Version>,
): AsyncGenerator<readonly S3Version[], void, void> {
  let batch: S3Version[] = [];
  for await (const version of versions) {
    batch.push(version);
    if (batch.length < BATCH) continue;
    yield batch;
    batch = [];
  }
  if (batch.length > 0) yield batch;
}

/** Gives up all uploads in parts that were never finished; how many. */
export async function dropUploads(client: S3Client): Promise<number> {
  let dropped = 0;
  for (;;) {
    // As they are: some services encode keys without saying so when they are asked to.
    const { Uploads: uploads = [] } = await client.ask(
      `list the unfinished uploads in ${client.bucket}`,
      (s3, http) => s3.listMultipartUploads(client.ownBucket, http),
    );
    // The first page again and again: what was given up is no longer in it.
    if (uploads.length === 0) return dropped;
    const gone = await Promise.all(
      uploads.map(async ({ Key = '', UploadId }) => {
        const doing = `give up an unfinished upload of ${Key}`;
        const input = { ...client.ownBucket, Key, UploadId };
        const answer = await client.attempt((s3, http) => s3.abortMultipartUpload(input, http));
        if (!('refusal' in answer)) return 1;
        if (answer.refusal.code !== 'NoSuchUpload') throw client.error(answer.refusal, doing);
        return 0;
      }),
    );
    const now = gone.reduce<number>((sum, one) => sum + one, 0);
    if (now === 0) return dropped;
    dropped += now;
  }
}
