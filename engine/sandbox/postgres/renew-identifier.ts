import { randomBytes } from 'node:crypto';
import { open, readdir, readFile } from 'node:fs/promises';
import { endianness } from 'node:os';
import { join } from 'node:path';
import { crc32c } from '../ground/crc32c.ts';

/** pg_control is padded with zeros; what it holds is no longer than this in any version. */
const CONTROL_AT_MOST = 512;
/** pg_control begins with the identifier, and each file of WAL has it in the header of its first page. */
const IDENTIFIER_BYTES = 8;
const IDENTIFIER_IN_WAL = 24;
const WAL_FILE = /^[0-9A-F]{24}$/;

/**
 * Gives a cluster that is a copy, and does not run, an identifier of its own: drillbook tells servers apart by it.
 * Throws, before it has changed anything, when the files are not as in the versions that are known.
 */
export async function renewIdentifier(data: string): Promise<void> {
  const path = join(data, 'global', 'pg_control');
  const control = await readFile(path);
  const checksumAt = placeOfChecksum(control);
  const wal = await walOf(data, control.subarray(0, IDENTIFIER_BYTES));
  const identifier = newIdentifier();
  for (const file of wal) await overwrite(file, identifier, IDENTIFIER_IN_WAL);
  identifier.copy(control);
  writeUInt32(control, crc32c(0, control.subarray(0, checksumAt)), checksumAt);
  await overwrite(path, control, 0);
}

/** The checksum stands behind what it is of, which is longer in some versions than in others. */
function placeOfChecksum(control: Buffer): number {
  let checksum = 0;
  for (let end = 4; end < Math.min(CONTROL_AT_MOST, control.length - 4); end += 4) {
    checksum = crc32c(checksum, control.subarray(end - 4, end));
    if (end > IDENTIFIER_BYTES && checksum === readUInt32(control, end)) return end;
  }
  throw new Error('pg_control has no checksum where one is known to be');
}

/** The paths of all files of WAL, of this cluster each. */
async function walOf(data: string, identifier: Buffer): Promise<readonly string[]> {
  const folder = join(data, 'pg_wal');
  const names = (await readdir(folder)).filter((name) => WAL_FILE.test(name));
  if (names.length === 0) throw new Error('pg_wal is empty');
  for (const name of names) {
    const found = await readAt(join(folder, name), IDENTIFIER_BYTES, IDENTIFIER_IN_WAL);
    if (!found.equals(identifier)) throw new Error(`pg_wal/${name} does not name the cluster of pg_control`);
  }
  return names.map((name) => join(folder, name));
}

/** As PostgreSQL makes them: the second, then what no other has in the same second, which here is chance. */
function newIdentifier(): Buffer {
  const seconds = Buffer.alloc(4);
  writeUInt32(seconds, Math.floor(Date.now() / 1000), 0);
  const parts = [randomBytes(4), seconds];
  return Buffer.concat(endianness() === 'LE' ? parts : parts.reverse());
}

const readUInt32 = (from: Buffer, at: number): number =>
  endianness() === 'LE' ? from.readUInt32LE(at) : from.readUInt32BE(at);

const writeUInt32 = (to: Buffer, value: number, at: number): number =>
  endianness() === 'LE' ? to.writeUInt32LE(value, at) : to.writeUInt32BE(value, at);

async function readAt(path: string, length: number, at: number): Promise<Buffer> {
  const file = await open(path, 'r');
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, at);
    return buffer.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
}

/** In place, so that the file stays its owner's. */
async function overwrite(path: string, bytes: Buffer, at: number): Promise<void> {
  const file = await open(path, 'r+');
  try {
    await file.write(bytes, 0, bytes.length, at);
  } finally {
    await file.close();
  }
}
