import type { Event, JournalRepaired } from '../model/event.ts';
import type { HeadOnDisk } from './head.ts';
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

/** What a head file says of a chain. */
export interface Comparison {
  readonly problem?: Problem;
  /** Whole lines may be missing at the end: the head that named them, null when there is no head file. */
  readonly lost?: ChainHead | null;
}

/**
 * Holds a chain against its head file. The head is written after the lines it speaks of were on the disk, so no
 * crash explains a chain that ends before it: what a crash tears is the batch that was being written, which no
 * head names yet.
 */
export function compareWithHead(chain: Chain, head: HeadOnDisk): Comparison {
  if (chain.problem !== undefined) return { problem: chain.problem };
  const last = chain.head.seq;
  if (head === 'unreadable')
    return { problem: { line: last, message: 'the head file beside it was changed' } };
  if (head === 'missing') return { problem: { line: last, message: NO_HEAD }, lost: null };
  // A repair that was on the disk before the new head was.
  if (lossesOf(chain).some(({ lost }) => lost?.seq === head.seq && lost.hash === head.hash)) return {};
  if (head.seq > last) {
    const missing = head.seq - last;
    const message = `it is missing: ${countOf(missing, 'event')} ${missing === 1 ? 'was' : 'were'} cut off the end`;
    const { seq, hash } = head;
    return { problem: { line: last + 1, message }, ...(!head.sealed && { lost: { seq, hash } }) };
  }
  if (head.sealed && (head.seq < last || chain.torn > 0)) {
    return { problem: { line: head.seq + 1, message: 'it was added after the journal had been sealed' } };
  }
  const certified = head.seq === 0 ? CHAIN_START.hash : chain.lines[head.seq - 1]?.hash;
  if (certified === head.hash) return {};
  const message = 'it is not the one that was written: the head file names another hash';
  return { problem: { line: head.seq, message } };
}

const NO_HEAD =
  'the head file beside it is missing: whether events were cut off after this one cannot be told';

/** Events that a repair found missing, by the event that says so: a loss that was gone on after stays told. */
export function recordedLoss(chain: Chain): Problem | undefined {
  const [loss] = lossesOf(chain);
  if (loss === undefined) return undefined;
  const { line, lost } = loss;
  if (lost === undefined)
    return { line, message: 'its payload was struck out, which says what was lost before it' };
  if (lost === null) return { line, message: 'the head file was missing when the run was opened again here' };
  const message = `${countOf(lost.seq - line + 1, 'event')} had been cut off before it: the head named event ${lost.seq}, sha256:${lost.hash}`;
  return { line, message };
}

/** The repairs that noted a loss. `lost` is undefined for one whose payload was struck out. */
function lossesOf({ lines }: Chain): readonly { readonly line: number; readonly lost?: ChainHead | null }[] {
  return lines.flatMap(({ type, seq, struck, body }) => {
    if (type !== REPAIRED) return [];
    if (struck) return [{ line: seq }];
    const { head } = JSON.parse(body.toString()) as JournalRepaired;
    return head === undefined ? [] : [{ line: seq, lost: head }];
  });
}

const REPAIRED: JournalRepaired['type'] = 'journal.repaired';

const countOf = (count: number, what: string): string => (count === 1 ? `one ${what}` : `${count} ${what}s`);

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
