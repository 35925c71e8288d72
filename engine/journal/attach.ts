import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir, rename, rm, stat } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { StringDecoder } from 'node:string_decoder';
import type { Attachment } from '../model/ports.ts';
import type { Redactor } from './redact.ts';

/** Of what was read before, for a secret that two reads tear apart. */
const OVERLAP = 8192;

/**
 * Copies a file, which may lie there already, into a run's folder, as it is: `attachments/<step>-<name>`. The digest is that of the bytes that were
 * copied, and they are on the disk when it resolves. The same file of the same step replaces its copy.
 * A file with a secret in it is not kept: whoever reads the report could read it there.
 */
export async function attachFile(
  folder: string,
  key: string,
  path: string,
  secrets: Pick<Redactor, 'suspects'>,
): Promise<Attachment> {
  const source = resolve(folder, path);
  if (!(await stat(source)).isFile()) throw new Error(`${path} is no file`);
  const attachments = join(folder, 'attachments');
  await mkdir(attachments, { recursive: true, mode: 0o700 });
  const file = `${key}-${basename(path)}`.replaceAll(/[^A-Za-z0-9._#-]+/g, '-');
  const draft = join(attachments, `${file}.draft`);
  const digest = createHash('sha256');
  const counted = { bytes: 0 };
  const decoder = new StringDecoder('utf8');
  let before = '';
  try {
    await pipeline(
      createReadStream(source),
      async function* (chunks: AsyncIterable<Buffer>) {
        for await (const chunk of chunks) {
          const text = before + decoder.write(chunk);
          if (secrets.suspects(text)) throw new Error(`${path} holds a secret, so it is not kept`);
          before = text.slice(-OVERLAP);
          digest.update(chunk);
          counted.bytes += chunk.length;
          yield chunk;
        }
      },
      createWriteStream(draft, { mode: 0o600, flush: true }),
    );
  } catch (error) {
    await rm(draft, { force: true });
    throw error;
  }
  await rename(draft, join(attachments, file));
  return { file: `attachments/${file}`, bytes: counted.bytes, sha256: digest.digest('hex') };
}
