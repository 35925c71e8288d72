import { StepError } from '../../../model/kind.ts';
import type { S3Client } from '../client/client.ts';
import { md5Header } from '../client/md5.ts';
import { BEYOND_XML, childText, escapeXml, parseXml } from '../client/xml.ts';
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

/** With a key that no XML can hold. */
const isOdd = ({ key }: Doomed): boolean => BEYOND_XML.test(key);

async function deleteOne(client: S3Client, { key, versionId }: Doomed, sort: Sort): Promise<void> {
  const doing = `remove the ${sort} of ${shortKey(key)}`;
  await client.send({ method: 'DELETE', doing, key, query: { versionId } });
}

async function deleteMany(
  client: S3Client,
  doomed: readonly Doomed[],
  sort: Sort,
): Promise<readonly Refused[]> {
  const objects = doomed.map(
    ({ key, versionId }) =>
      `<Object><Key>${escapeXml(key)}</Key><VersionId>${escapeXml(versionId)}</VersionId></Object>`,
  );
  const body = `<Delete xmlns="http://s3.amazonaws.com/doc/2006-03-01/">${objects.join('')}<Quiet>true</Quiet></Delete>`;
  const { text } = await client.send({
    method: 'POST',
    doing: `remove ${sort}s in ${client.bucket}`,
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
