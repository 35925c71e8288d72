import { hash } from 'node:crypto';
import type { Event, EventBody } from '../model/event.ts';
import { EVENT_TYPES } from './event-types.ts';

/**
 * One line of a journal (docs/journal.md):
 *
 *     {"seq":2,"at":…,"up":…,"type":"…","prev":"…","digest":"…","hash":"…","body":{…}}
 *
 * `digest` is the SHA-256 of the bytes of the body, `hash` that of the bytes before
 * `,"hash"`, `prev` the hash of the line before. Bytes and not values are hashed, so that
 * a change that would parse to the same value is found too, and so that `sha256sum` can
 * check a line. The body is covered by its digest alone: it can be struck out.
 */
export interface Line {
  readonly seq: number;
  readonly at: number;
  readonly up: number;
  readonly type: string;
  readonly prev: string;
  readonly digest: string;
  readonly hash: string;
  /** The bytes that `hash` covers. */
  readonly header: string;
  /** What its own bytes say, to be held against `hash` and `digest`. */
  readonly actual: { readonly hash: string; readonly digest: string };
  readonly struck: boolean;
  readonly body: Buffer;
}

/** Where a chain stands: the number and the hash of its last line. */
export interface ChainHead {
  readonly seq: number;
  readonly hash: string;
}

export const CHAIN_START: ChainHead = { seq: 0, hash: '0'.repeat(64) };

export const STRUCK_BODY = '{"struck":true}';

const HEADER =
  /^\{"seq":(\d{1,15}),"at":(-?\d{1,16}),"up":(\d{1,15}(?:\.\d{1,3})?),"type":"([A-Za-z.]{1,40})","prev":"([0-9a-f]{64})","digest":"([0-9a-f]{64})"(,"hash":"([0-9a-f]{64})","body":)\{/;

/** No header is longer: its numbers and its type are bounded above. */
const HEADER_LIMIT = 400;

/** The JSON text of a body as its line holds it. The type stands before it, where striking does not reach. */
export function bodyText(body: EventBody): string {
  return JSON.stringify({ ...body, type: undefined });
}

/** A line with its end, and the head of the chain after it. */
export function formatLine(
  line: { readonly type: string; readonly at: number; readonly up: number; readonly body: string },
  before: ChainHead,
): { readonly text: string; readonly head: ChainHead } {
  const seq = before.seq + 1;
  const digest = hash('sha256', line.body);
  const header = `{"seq":${seq},"at":${line.at},"up":${line.up},"type":"${line.type}","prev":"${before.hash}","digest":"${digest}"`;
  const own = hash('sha256', header);
  return { text: `${header},"hash":"${own}","body":${line.body}}\n`, head: { seq, hash: own } };
}

/** Reads a line, given without its end; undefined when it is none. */
export function parseLine(bytes: Buffer): Line | undefined {
  const match = HEADER.exec(bytes.toString('latin1', 0, HEADER_LIMIT));
  if (match === null || bytes.at(-1) !== 0x7d || bytes.at(-2) !== 0x7d) return undefined;
  const [whole, seq, at, up, type = '', prev = '', digest = '', tail = '', ownHash = ''] = match;
  const header = whole.slice(0, whole.length - 1 - tail.length);
  const body = bytes.subarray(whole.length - 1, bytes.length - 1);
  const struck = body.length === STRUCK_BODY.length && body.toString('latin1') === STRUCK_BODY;
  return {
    seq: Number(seq),
    at: Number(at),
    up: Number(up),
    type,
    prev,
    digest,
    hash: ownHash,
    header,
    actual: {
      hash: hash('sha256', header),
      digest: hash('sha256', body),
    },
    struck,
    body,
  };
}

/** The event of a line; undefined when this version of the engine knows no such type. */
export function lineEvent(line: Pick<Line, 'seq' | 'at' | 'up' | 'type'>, body: string): Event | undefined {
  if (!Object.hasOwn(EVENT_TYPES, line.type)) return undefined;
  const { seq, at, up, type } = line;
  return { type, ...(JSON.parse(body) as object), seq, at, up } as Event;
}
