import type { Bucket } from './bucket.ts';
import type { Call, Reply } from './call.ts';
import { S3Error } from './errors.ts';

export function getPolicy({ bucket }: Call): Reply {
  if (bucket.policy === undefined) {
    throw new S3Error('NoSuchBucketPolicy', { details: { BucketName: bucket.name } });
  }
  return { status: 200, body: bucket.policy };
}

export async function putPolicy({ bucket, payload }: Call): Promise<Reply> {
  setPolicy(bucket, await payload.text());
  return { status: 204 };
}

/** Kept and returned, and not enforced. Throws where S3 would refuse it. */
export function setPolicy(bucket: Bucket, text: string): void {
  const policy = readJson(text);
  const statement =
    typeof policy === 'object' && policy !== null && 'Statement' in policy ? policy.Statement : undefined;
  if (statement === undefined) {
    throw new S3Error('MalformedPolicy', { message: 'Missing required field Statement' });
  }
  bucket.policy = text;
}

export function deletePolicy({ bucket }: Call): Reply {
  bucket.policy = undefined;
  return { status: 204 };
}

function readJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new S3Error('MalformedPolicy');
  }
}
