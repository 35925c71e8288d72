import type { S3Client } from '../client/client.ts';
import { shortKey } from './outcome.ts';

/** S3 takes so many in one request: https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteObjects.html */
const MOST = 1000;
const ROUNDS = 5;

export interface Doomed {
  readonly key: string;
  readonly versionId: string;
}

/** What they are, for the words of an error. */
type Sort = 'delete marker' | 'version';

/**
 * Removes versions for good, delete markers among them, each by its version id: nothing else can be hit. Throws
 * `StepError` when one is refused for good, or again and again.
 */
export async function deleteVersions(client: S3Client, doomed: readonly Doomed[], sort: Sort): Promise<void> {
  let rest = doomed;
  for (let round = 1; rest.length > 0; round++) {
    const refused: Refused[] = [];
    const [odd, plain] = [rest.filter(isOdd), rest.filter((one) => !isOdd(one))];
    await Promise.all(odd.map((one) => deleteOne(client, one, sort)));
    for (let from = 0; from < plain.length; from += MOST) {
      refused.push(...(await deleteMany(client, plain.slice(from, from + MOST), sort)));
    }
    const last =
      refused.find(({ code }) => !PASSING.has(code)) ?? (round === ROUNDS ? refused[0] : undefined);
    if (last !== undefined) {
      throw client.error(
        { status: 200, code: last.code, message: last.message },
        `remove the ${sort} of ${shortKey(last.key)}`,
      );
    }
    rest = refused;
  }
}

interface Refused extends Doomed {
  readonly code: string;
  readonly message: string;
}

const PASSING = new Set(['InternalError', 'SlowDown', 'ServiceUnavailable', 'OperationAborted']);

/** Characters that XML 1.0 cannot hold, not even as a reference; S3 allows them in keys. */
const BEYOND_XML = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/;

/** With a key that no XML can hold. */
const isOdd = ({ key }: Doomed): boolean => BEYOND_XML.test(key);

async function deleteOne(client: S3Client, { key, versionId }: Doomed, sort: Sort): Promise<void> {
  const doing = `remove the ${sort} of ${shortKey(key)}`;
  const input = { ...client.ownBucket, Key: key, VersionId: versionId };
  await client.ask(doing, (s3, http) => s3.deleteObject(input, http));
}

async function deleteMany(
  client: S3Client,
  doomed: readonly Doomed[],
  sort: Sort,
): Promise<readonly Refused[]> {
  const Objects = doomed.map(({ key, versionId }) => ({ Key: key, VersionId: versionId }));
  const input = { ...client.ownBucket, Delete: { Objects, Quiet: true } };
  const { Errors = [] } = await client.ask(`remove ${sort}s in ${client.bucket}`, (s3, http) =>
    s3.deleteObjects(input, http),
  );
  return Errors.map(({ Key = '', VersionId = '', Code = 'InternalError', Message = '' }) => ({
    key: Key,
    versionId: VersionId,
    code: Code,
    message: Message,
  }));
}
