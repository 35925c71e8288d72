import { readdir, readFile } from 'node:fs/promises';
import { extname, join, relative, sep } from 'node:path';
import type { Bucket } from '../../s3/bucket.ts';
import type { State } from '../../s3/state.ts';
import { putBytes } from '../../s3/state.ts';

/** What a browser makes of the commonest files; the rest are bytes. */
const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html',
  '.jpg': 'image/jpeg',
  '.json': 'application/json',
  '.mp4': 'video/mp4',
  '.pdf': 'application/pdf',
  '.png': 'image/png',
  '.txt': 'text/plain',
};

/** Puts every file of a folder into a bucket, by its path in the folder. */
export async function fillBucket(state: State, bucket: Bucket, folder: string): Promise<void> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  for (const entry of entries.filter((each) => each.isFile())) {
    const path = join(entry.parentPath, entry.name);
    const key = relative(folder, path).split(sep).join('/');
    const type = TYPES[extname(entry.name).toLowerCase()] ?? 'application/octet-stream';
    await putBytes(state, bucket, { key, body: await readFile(path), type });
  }
}
