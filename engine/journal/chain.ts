import type { Event } from '../model/event.ts';
import type { Head } from './head.ts';
import type { ChainHead, Line } from './line.ts';
import { CHAIN_START, lineEvent, parseLine } from './line.ts';
import type { Problem } from './store.ts';

/** What the bytes of a journal amount to, up to the first thing that is wrong. */
export interface Chain {
  readonly lines: readonly Line[];
  readonly head: ChainHead;
  /** Bytes of the lines, their ends included. */
  readonly length: number;
  /** Bytes after the last line end. */
  readonly torn: number;
  readonly problem?: Problem;
}

const LINE_END = 0x0a;

export function readChain(bytes: Buffer): Chain {
  const lines: Line[] = [];
  let head = CHAIN_START;
  let start = 0;
  for (let end = bytes.indexOf(LINE_END); end !== -1; end = bytes.indexOf(LINE_END, start)) {
    const line = parseLine(bytes.subarray(start, end));
    const message = line === undefined ? 'it is not a journal line' : whatIsWrong(line, head);
    if (line === undefined || message !== undefined) {
      const problem = { line: lines.length + 1, message: message ?? '' };
      return { lines, head, length: start, torn: 0, problem };
    }
    lines.push(line);
    head = { seq: line.seq, hash: line.hash };
    start = end + 1;
  }
  return { lines, head, length: start, torn: bytes.length - start };
}

function whatIsWrong(line: Line, before: ChainHead): string | undefined {
  if (line.hash !== line.actual.hash) return 'its time, type or place was changed';
  if (line.digest !== line.actual.digest && !line.struck) return 'its payload was changed';
  if (line.seq !== before.seq + 1) {
    return `it is event ${line.seq} where ${before.seq + 1} was due: lines were removed, inserted or moved`;
  }
  return line.prev === before.hash
    ? undefined
    : 'it does not follow the line before it: one of the two was replaced';
}

/**
 * Holds a chain against the head file, which is written after the lines it speaks of:
 * a chain that ends before its head has lost lines.
 */
export function compareWithHead(chain: Chain, head: Head | undefined): Problem | undefined {
  if (head === undefined || chain.problem !== undefined) return chain.problem;
  const last = chain.head.seq;
  if (head.seq > last) {
    const missing = head.seq - last;
    return {
      line: last + 1,
      message: `it is missing: ${missing === 1 ? 'one event was' : `${missing} events were`} cut off the end`,
    };
  }
  if (head.sealed && (head.seq < last || chain.torn > 0)) {
    return { line: head.seq + 1, message: 'it was added after the journal had been sealed' };
  }
  const certified = head.seq === 0 ? CHAIN_START.hash : chain.lines[head.seq - 1]?.hash;
  if (certified === head.hash) return undefined;
  return { line: head.seq, message: 'it is not the one that was written: the head file names another hash' };
}

/**
 * Whether all that is missing may have been in the torn last line. Lines that the head file
 * names were on the disk, so no crash explains it; but a disk that lies about that, or a
 * power failure, must not keep a recovery from going on. `verify` still tells.
 */
export function isTornEnd(chain: Chain, head: Head | undefined): boolean {
  if (head === undefined || head.sealed || chain.problem !== undefined) return false;
  return chain.torn > 0 && head.seq > chain.head.seq;
}

/** The events of a chain without the struck ones. `unknown`: the first type that this version does not know. */
export function chainEvents(chain: Chain): { readonly events: readonly Event[]; readonly unknown?: string } {
  const events: Event[] = [];
  for (const line of chain.lines) {
    if (line.struck) continue;
    const event = lineEvent(line, line.body.toString());
    if (event === undefined) return { events, unknown: line.type };
    events.push(event);
  }
  return { events };
}
