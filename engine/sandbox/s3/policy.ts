import type { Call, Reply } from './call.ts';
import { S3Error } from './errors.ts';

export function getPolicy({ bucket }: Call): Reply {
  if (bucket.policy === undefined) {
    throw new S3Error('NoSuchBucketPolicy', { details: { BucketName: bucket.name } });
  }
  return { status: 200, body: bucket.policy };
}

/** Kept and returned, and not enforced. */
export async function putPolicy({ bucket, payload }: Call): Promise<Reply> {
  const text = await payload.text();
  const policy = readJson(text);
  const statement =
    typeof policy === 'object' && policy !== null && 'Statement' in policy ? policy.Statement : undefined;
  if (statement === undefined) {
    throw new S3Error('MalformedPolicy', { message: 'Missing required field Statement' });
  }
  bucket.policy = text;
  return { status: 204 };
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
