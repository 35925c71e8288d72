import { execFile } from 'node:child_process';
import { open, readFile, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { runAs } from '../../postgres/account.ts';
import type { PostgresServer } from '../../postgres/server.ts';

export const SEGMENT = /^([0-9A-F]{8})([0-9A-F]{8})([0-9A-F]{8})$/;

/** How far PostgreSQL's log numbers count. */
const LOG_BYTES = 0x1_0000_0000n;
/** One segment that is asked for. */
const ASK_MS = 120_000;

/** Where the replay of WAL ended: bytes of WAL, and the timeline that they are of. */
interface ReplayEnd {
  readonly timeline: number;
  readonly at: bigint;
}

export interface ReplayedFrom {
  /** The folder of the archive. */
  readonly wal: string | undefined;
  /** What PostgreSQL got the WAL by, where a program has said so. */
  readonly command: string | undefined;
  /** The newest segment that lay in the copy before the server was started. */
  readonly held: string | undefined;
}

/** What the server says of itself when it has come up. */
export interface CameUp {
  readonly segmentBytes: number;
  /** Of its newest checkpoint: `0/3000028`. */
  readonly checkpoint: string;
  readonly timeline: number;
}

/**
 * Where there is WAL beyond the place at which the replay ended: some of it is missing or damaged, and PostgreSQL, which
 * takes a file that it cannot have for the end, says nothing.
 */
export async function gapInReplay(
  server: PostgresServer,
  { wal, command, held }: ReplayedFrom,
  cameUp: CameUp,
): Promise<string | undefined> {
  const size = BigInt(cameUp.segmentBytes);
  // Only a recovery from an archive begins a new timeline; else the checkpoint after it says where it ended.
  const isRecovery = wal !== undefined || command !== undefined;
  const end = isRecovery
    ? await endOfTimeline(server)
    : { timeline: cameUp.timeline, at: lsn(cameUp.checkpoint) };
  const known = [wal === undefined ? undefined : await newestSegment(wal), held].filter(
    (name) => name !== undefined && beginOf(name, size) > end.at,
  );
  const beyond =
    known[0] ?? (command === undefined ? undefined : await laterSegment(server, command, end, size));
  if (beyond === undefined) return undefined;
  const ended = `${(end.at / LOG_BYTES).toString(16)}/${(end.at % LOG_BYTES).toString(16)}`.toUpperCase();
  return `WAL is missing: the archive goes on to ${beyond}, and the replay ended at ${ended}, before it`;
}

/** What a server that has recovered notes of the timeline that it left. */
async function endOfTimeline(server: PostgresServer): Promise<ReplayEnd> {
  const folder = join(server.data, 'pg_wal');
  const histories = (await readdir(folder)).filter((name) => name.endsWith('.history'));
  const history = await readFile(join(folder, histories.sort().at(-1) ?? ''), 'utf8');
  const [, timeline = '1', at = '0/0'] = /(\d+)\t([0-9A-F]+\/[0-9A-F]+)\t[^\n]*\n*$/.exec(history) ?? [];
  return { timeline: Number(timeline), at: lsn(at) };
}

function lsn(text: string): bigint {
  const [high = '0', low = '0'] = text.split('/');
  return BigInt(`0x${high}`) * LOG_BYTES + BigInt(`0x${low}`);
}

function beginOf(name: string, size: bigint): bigint {
  const [, , high = '0', segment = '0'] = SEGMENT.exec(name) ?? [];
  return BigInt(`0x${high}`) * LOG_BYTES + BigInt(`0x${segment}`) * size;
}

function nameOf(timeline: number, at: bigint, size: bigint): string {
  const hex = (part: bigint): string => part.toString(16).toUpperCase().padStart(8, '0');
  return hex(BigInt(timeline)) + hex(at / LOG_BYTES) + hex((at % LOG_BYTES) / size);
}

const newestSegment = async (folder: string): Promise<string | undefined> =>
  (await readdir(folder))
    .filter((name) => SEGMENT.test(name))
    .sort()
    .at(-1);

/** Where the page header of a segment says its own place: after magic, flags and timeline. */
const PLACE_AT = 8;
const PLACE_BYTES = 8;

/** The newest segment of a copy that holds WAL: PostgreSQL keeps old ones under later names, for later use. */
export async function newestHeld(data: string): Promise<string | undefined> {
  const folder = join(data, 'pg_wal');
  const names = (await readdir(folder).catch(() => [])).filter((name) => SEGMENT.test(name)).sort();
  for (const name of names.toReversed()) {
    const file = await open(join(folder, name), 'r');
    try {
      const { buffer, bytesRead } = await file.read(Buffer.alloc(PLACE_BYTES), 0, PLACE_BYTES, PLACE_AT);
      const size = BigInt((await file.stat()).size);
      if (bytesRead === PLACE_BYTES && buffer.readBigUInt64LE() === beginOf(name, size)) return name;
    } finally {
      await file.close();
    }
  }
  return undefined;
}

/** Segments after the end that are asked for: the next ones, then at growing distances, up to a terabyte of WAL. */
const DISTANCES = [
  ...Array.from({ length: 16 }, (_, n) => n),
  ...Array.from({ length: 21 }, (_, n) => Math.round(16 * 1.5 ** n)),
];

/** A later segment that the archive gives. */
async function laterSegment(
  server: PostgresServer,
  command: string,
  { timeline, at }: ReplayEnd,
  size: bigint,
): Promise<string | undefined> {
  const first = (at + size - 1n) / size;
  for (const distance of DISTANCES) {
    const name = nameOf(timeline, (first + BigInt(distance)) * size, size);
    if (await isGiven(server, command, name)) return name;
  }
  return undefined;
}

/** Asks as PostgreSQL does. */
async function isGiven(server: PostgresServer, command: string, name: string): Promise<boolean> {
  const path = join(server.folder, 'asked-for.wal');
  const values: Readonly<Record<string, string>> = { '%f': name, '%p': path, '%r': name, '%%': '%' };
  const filled = command.replaceAll(/%[fpr%]/g, (place) => values[place] ?? place);
  try {
    await promisify(execFile)('sh', ['-c', filled], {
      ...runAs(server.installation.account),
      ...{ cwd: server.data, timeout: ASK_MS },
    });
    return true;
  } catch {
    return false;
  } finally {
    await rm(path, { force: true });
  }
}
