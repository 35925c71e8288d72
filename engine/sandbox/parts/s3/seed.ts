import { createReadStream } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { extname, join, relative, sep } from 'node:path';
import type { Uploaded } from '../../s3/state.ts';

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

/** What kind of file it is, by its name. */
export const typeOf = (key: string): string =>
  TYPES[extname(key).toLowerCase()] ?? 'application/octet-stream';

/** Every file of a folder as an object: by its path in the folder, as old as the file. */
export async function* filesIn(folder: string): AsyncGenerator<Uploaded> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  for (const entry of entries.filter((each) => each.isFile())) {
    const path = join(entry.parentPath, entry.name);
    const key = relative(folder, path).split(sep).join('/');
    const { mtime: modified } = await stat(path);
    yield { key, body: createReadStream(path), type: typeOf(key), modified };
  }
}
