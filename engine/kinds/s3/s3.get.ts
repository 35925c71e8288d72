import type { GetObjectCommandOutput } from '@aws-sdk/client-s3';
import { Instant } from '../../base/instant.ts';
import type { StepContext, StepKind } from '../../model/kind.ts';
import { StepError } from '../../model/kind.ts';
import { claim, elsewhere, fromFolder, leavesRun, partialBeside } from '../machine/place.ts';
import { aws } from './client/by-hand.ts';
import type { S3Client } from './client/client.ts';
import { openBucket } from './client/client.ts';
import { contentCheck } from './bulk/digest.ts';
import { bodyOf, corrupt, download } from './bulk/download.ts';
import { nameOf, targetUse } from '../context/target.ts';
import type { Output, With } from '../types.ts';

type Args = With['s3.get'];
type Result = Output['s3.get'];

/** An output stands in the journal: what is longer belongs into a file. */
const LONGEST_TEXT = 256 * 1024;

/** Reads an object: into a file, or as a text. */
export const s3Get: StepKind<Args, Result> = {
  name: 's3.get',
  effect: (args) => (leavesRun(args.path) ? 'write' : 'read'),
  writesElsewhere: (args, folder) => elsewhere(args.path, folder),
  describe(args) {
    const where = args.path === undefined ? '' : ` to ${args.path}`;
    return `Get ${args.key} from ${nameOf(args.bucket)}${where}`;
  },
  byHand(args, environment, folder) {
    const { bucket, versionId } = args;
    const version = versionId === undefined ? [] : ['--version-id', versionId];
    const path = args.path === undefined ? '/dev/stdout' : fromFolder(args.path, folder);
    return aws(environment, bucket, [
      's3api',
      'get-object',
      '--bucket',
      nameOf(bucket),
      '--key',
      args.key,
      ...version,
      path,
    ]);
  },
  targets: (args) => [targetUse('buckets', args.bucket, 'read')],

  async run(args, context) {
    const client = openBucket(args.bucket, context);
    try {
      const { path } = args;
      return path === undefined ? await getText(args, client) : await getFile(args, context, client, path);
    } finally {
      client.close();
    }
  },

  // A file is there only when it is whole, and the same again is the same file.
  reconcile: () => Promise.resolve({ verdict: 'notHappened' }),
};

async function getFile(args: Args, context: StepContext, client: S3Client, path: string): Promise<Result> {
  const place = await claim(path, args, context);
  const wanted = { key: args.key, versionId: args.versionId };
  const partial = partialBeside(place, context);
  const { bytes, object, sha256, provedBy } = await download(client, wanted, place, {
    partial,
    digest: 'sha256',
  });
  return { path: place.path, text: null, sha256: sha256 ?? '', provedBy, ...properties(object, bytes) };
}

async function getText(args: Args, client: S3Client): Promise<Result> {
  const { key } = args;
  const wanted = { key, versionId: args.versionId };
  return client.read(wanted, async (object) => {
    const body = bodyOf(client, object);
    const length = object.ContentLength ?? 0;
    if (length > LONGEST_TEXT) {
      body.destroy();
      throw new StepError(`${key} has ${length} bytes: too long for an output`, {
        code: 'tooLong',
        hint: 'Say "path" and get it as a file.',
      });
    }
    const check = await contentCheck(client, wanted, object);
    const chunks = (await body.toArray()) as Buffer[];
    const content = Buffer.concat(chunks);
    check?.update(content);
    if (check !== undefined && !(await check.holds())) throw corrupt(key);
    const provedBy = check === undefined ? 'size' : 'digest';
    return {
      path: null,
      text: content.toString('utf8'),
      sha256: '',
      provedBy,
      ...properties(object, content.length),
    };
  });
}

function properties(
  { LastModified, Metadata = {}, ETag = '', VersionId, ContentType }: GetObjectCommandOutput,
  bytes: number,
): Omit<Result, 'path' | 'text' | 'sha256' | 'provedBy'> {
  return {
    size: bytes,
    etag: ETag.replaceAll('"', ''),
    versionId: VersionId ?? null,
    contentType: ContentType ?? null,
    modified: LastModified === undefined ? null : Instant.fromMillis(LastModified.getTime()),
    metadata: Metadata,
  };
}
