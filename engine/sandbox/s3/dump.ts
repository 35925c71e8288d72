import type { State } from './state.ts';
import { putBytes } from './state.ts';

interface Dump {
  readonly prefix: string;
  readonly body: Buffer;
  readonly writtenAt: Date;
}

/** Puts a dump into a bucket as if it had been written then, under a name that says when. Rejects where there is no such bucket. */
export async function putDump(
  state: State,
  bucketName: string,
  { prefix, body, writtenAt }: Dump,
): Promise<void> {
  const bucket = state.buckets.get(bucketName);
  if (bucket === undefined) throw new Error(`there is no bucket ${bucketName} for dumps`);
  const minute = writtenAt.toISOString().slice(0, 16).replace(':', '-');
  const key = `${prefix}${minute}Z.dump`;
  await putBytes(state, bucket, { key, body, type: 'application/octet-stream', modified: writtenAt });
}
