import type { Clock } from '../base/clock.ts';
import type { JsonObject } from '../base/json.ts';
import type { Chain } from './chain.ts';
import { compareWithHead, readChain } from './chain.ts';
import type { HeadOnDisk } from './head.ts';
import type { ChainHead } from './line.ts';
import { CHAIN_START, formatLine, parseLine } from './line.ts';
import type { Redactor } from './redact.ts';
import type { Ledger, LedgerEntry, LinePlace, Problem } from './store.ts';
import { StoreError } from './store.ts';

export interface NewEntry {
  readonly type: string;
  readonly body: JsonObject;
}

/** A ledger, with what the register of runs needs of its own. */
export interface KeptLedger extends Ledger {
  exists(): Promise<boolean>;
  /** All entries, also where the last ones are missing; undefined when there is no such ledger or its chain is broken. */
  entries(): Promise<readonly LedgerEntry[] | undefined>;
  /** Where a hash stands among the entries whose chain holds. */
  place(hash: string): Promise<LinePlace | undefined>;
}

/** A ledger as it is kept. */
export interface LoadedLedger {
  readonly chain: Chain;
  readonly head: HeadOnDisk;
  readonly bytes: Buffer;
  readonly problem?: Problem;
}

export function judgedLedger(bytes: Buffer, head: HeadOnDisk): LoadedLedger {
  const chain = readChain(bytes);
  const problem = whatIsWrong(chain, head);
  return { chain, head, bytes, ...(problem !== undefined && { problem }) };
}

/** The lines of new entries, after what a mismatch with the head is witness of. `whole`: bytes of whole lines before. */
export function nextLines(
  loaded: LoadedLedger,
  entries: readonly NewEntry[],
  { clock, redactor }: { readonly clock: Clock; readonly redactor: Redactor },
): { readonly text: string; readonly head: ChainHead; readonly whole: number } {
  // Whoever tore the last line is dead: its entry was not acted upon.
  const whole = loaded.bytes.lastIndexOf(LINE_END) + 1;
  let head = lastOf(loaded.bytes.subarray(0, whole));
  let text = '';
  for (const { type, body } of [...witnessOf(loaded), ...entries]) {
    const at = clock.now().epochMicros;
    const line = formatLine({ type, at, up: 0, body: JSON.stringify(redactor.redact(body)) }, head);
    head = line.head;
    text += line.text;
  }
  return { text, head, whole };
}

/** `place`: where it is kept, for whoever has to restore it. */
export function expectEntries(
  name: string,
  { chain, problem }: LoadedLedger,
  place: string,
): readonly LedgerEntry[] {
  if (problem === undefined) return entriesOf(chain);
  throw new StoreError('altered', `the ledger ${name} was altered: ${inWords(problem)}`, {
    hint: `Restore ${place} from a backup of the store.`,
  });
}

export const verificationOf = ({ chain, problem }: LoadedLedger): Awaited<ReturnType<Ledger['verify']>> => ({
  ok: problem === undefined,
  entries: entriesOf(chain),
  head: chain.head.hash,
  ...(problem !== undefined && { problem }),
});

export function placeIn({ chain: { lines } }: LoadedLedger, hash: string): LinePlace | undefined {
  const line = lines.findIndex((each) => each.hash === hash);
  return line < 0 ? undefined : { line: line + 1, of: lines.length };
}

export const inWords = ({ line, message }: Problem): string => `line ${line}: ${message}`;

export const entriesOf = (chain: Chain): readonly LedgerEntry[] =>
  chain.lines.map(({ type, at, body }) => ({ type, at, body: JSON.parse(body.toString()) as JsonObject }));

/** Of the entry in which a mismatch was written down before anything else was. */
const ALTERED = 'ledger.altered';

function whatIsWrong(chain: Chain, head: HeadOnDisk): Problem | undefined {
  // A stale head that was written down: a crash came before the next one.
  const isNew = head === 'missing' && chain.head.seq === 0;
  const { problem } =
    isNew || isWrittenDown(chain, head) ? { problem: chain.problem } : compareWithHead(chain, head);
  if (problem !== undefined) return problem;
  // Payloads are struck out of journals, by a command that says so; here nobody does.
  const struck = chain.lines.find((line) => line.struck);
  if (struck !== undefined) return { line: struck.seq, message: 'its payload was struck out' };
  const entry = chain.lines.find(({ type }) => type === ALTERED);
  if (entry === undefined) return undefined;
  const { found } = JSON.parse(entry.body.toString()) as { readonly found: string };
  return { line: entry.seq, message: `it says that the ledger was altered before it: ${found}` };
}

/** What the head file is witness of, and would not be any more once it is written anew. */
function witnessOf({ chain, head, bytes }: LoadedLedger): readonly NewEntry[] {
  if (isWrittenDown(chain, head)) return [];
  const found = disagreement(bytes, head);
  if (found === undefined) return [];
  const named = typeof head === 'object' ? { seq: head.seq, hash: head.hash } : null;
  return [{ type: ALTERED, body: { found, head: named } }];
}

function isWrittenDown(chain: Chain, head: HeadOnDisk): boolean {
  return chain.lines.some(({ type, struck, body }) => {
    if (type !== ALTERED || struck || typeof head !== 'object') return false;
    const { head: named } = JSON.parse(body.toString()) as { readonly head: ChainHead | null };
    return named?.seq === head.seq && named.hash === head.hash;
  });
}

/** Held against every line that is one, also of a chain that is broken before it. */
function disagreement(bytes: Buffer, head: HeadOnDisk): string | undefined {
  const last = lastOf(bytes.subarray(0, bytes.lastIndexOf(LINE_END) + 1));
  if (head === 'unreadable') return 'the head file beside it was changed';
  if (head === 'missing') return last.seq === 0 ? undefined : 'the head file beside it was missing';
  if (head.seq === 0 || (head.seq === last.seq && head.hash === last.hash)) return undefined;
  const named = `the head file named entry ${head.seq}, sha256:${head.hash}`;
  if (head.seq > last.seq) return `${named}, and the last one was ${last.seq}`;
  return hasLine(bytes, head) ? undefined : `${named}, which is not there`;
}

function hasLine(bytes: Buffer, { seq, hash }: ChainHead): boolean {
  for (let start = 0, end = 0; (end = bytes.indexOf(LINE_END, start)) !== -1; start = end + 1) {
    const line = parseLine(bytes.subarray(start, end));
    if (line?.seq === seq && line.hash === hash) return true;
  }
  return false;
}

const LINE_END = 0x0a;

/** Where to go on: the last line, also of a chain that is broken before it. */
function lastOf(bytes: Buffer): ChainHead {
  const start = bytes.lastIndexOf(LINE_END, bytes.length - 2) + 1;
  const line = bytes.length === 0 ? undefined : parseLine(bytes.subarray(start, bytes.length - 1));
  return line === undefined ? CHAIN_START : { seq: line.seq, hash: line.hash };
}
