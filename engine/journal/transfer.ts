import type { Chain } from './chain.ts';
import { readChain } from './chain.ts';
import type { Attached } from '../model/flow-event.ts';
import { judged } from './files.ts';
import type { Head } from './head.ts';
import type { ChainKind, Kept, Shelf } from './shelf.ts';
import type { Store } from './store.ts';
import { StoreError } from './store.ts';

export interface Copied {
  /** Runs that were not there, or had gone further. */
  readonly runs: readonly string[];
  /** Runs that were there as they are. */
  readonly same: readonly string[];
  /** Files kept as evidence. */
  readonly files: number;
  /** Ledgers that have gone another way there, and were left. */
  readonly left: readonly string[];
}

interface Side {
  readonly store: Store;
  readonly shelf: Shelf;
}

/** What has to be written of one chain. */
interface Step {
  readonly kind: ChainKind;
  readonly name: string;
  readonly chain: Chain;
  readonly there: Kept | undefined;
  /** Bytes that are there already. */
  readonly from: number;
  readonly lines: Buffer;
  readonly head: Head;
}

/**
 * Copies what one store holds into another, byte for byte, so that chains, seals and heads noted elsewhere hold there.
 * Refused, before anything is written, where something is altered here, or a run of the same name is another one there.
 */
export async function copyStore(from: Side, to: Side): Promise<Copied> {
  const register = await from.store.verifyRegister();
  if (!register.ok)
    throw new StoreError('altered', `the store in ${from.store.place} was altered: nothing was copied`, {
      hint: '`drillbook audit --verify` says what is wrong with it.',
    });
  const steps: Step[] = [];
  const same: string[] = [];
  for (const run of (await from.shelf.names('run')).toReversed()) {
    const step = await stepOf('run', run, from, to);
    if (step === 'another') throw anotherRun(run, to.store.place);
    if (step === 'same') same.push(run);
    else steps.push(step);
  }
  const ledgers = await Promise.all(
    (await from.shelf.names('ledger')).map(async (name) => ({
      name,
      step: await stepOf('ledger', name, from, to),
    })),
  );
  let files = 0;
  for (const step of steps) {
    await write(to, step);
    files += await copyFiles(step, from, to);
  }
  for (const { step } of ledgers) if (typeof step === 'object') await write(to, step);
  const left = ledgers.filter(({ step }) => step === 'another').map(({ name }) => name);
  if (left.includes('register')) await enter(to.store, steps);
  return { runs: steps.map(({ name }) => name), same, files, left };
}

async function stepOf(
  kind: ChainKind,
  name: string,
  from: Side,
  to: Side,
): Promise<Step | 'same' | 'another'> {
  const kept = await from.shelf.load(kind, name);
  if (kept === undefined) return 'same';
  if (kind === 'run') await expectWhole(name, from.store);
  const chain = readChain(kept.bytes);
  const there = await to.shelf.load(kind, name);
  const before = there === undefined ? undefined : readChain(there.bytes);
  const known = before?.lines.length ?? 0;
  const shared = Math.min(known, chain.lines.length);
  for (let at = 0; at < shared; at += 1)
    if (before?.lines[at]?.hash !== chain.lines[at]?.hash) return 'another';
  const sealed = judged(kept.bytes, kept.head).sealed;
  const isSealed = there !== undefined && judged(there.bytes, there.head).sealed;
  if (known > chain.lines.length || (known === chain.lines.length && (isSealed || !sealed) && known > 0))
    return 'same';
  const size = before?.length ?? 0;
  const start = lengthOf(chain, known, kept.bytes);
  const lines = kept.bytes.subarray(start, chain.length);
  return { kind, name, chain, there, from: size, lines, head: { ...chain.head, sealed } };
}

/** Bytes of the first lines: not what it is there, where one of them may have been struck out. */
function lengthOf(chain: Chain, lines: number, bytes: Buffer): number {
  let end = 0;
  for (let line = 0; line < Math.min(lines, chain.lines.length); line += 1)
    end = bytes.indexOf(0x0a, end) + 1;
  return end;
}

async function expectWhole(run: string, store: Store): Promise<void> {
  const { problem } = await store.verify(run);
  if (problem !== undefined)
    throw new StoreError(
      'altered',
      `the journal of run ${run} was altered: line ${problem.line}: ${problem.message}; nothing was copied`,
    );
}

async function write({ store, shelf }: Side, { kind, name, there, from, lines, head }: Step): Promise<void> {
  const holder = kind === 'run' && there !== undefined ? await store.writer(name) : undefined;
  if (holder !== undefined) throw new StoreError('locked', `run ${name} is being written by ${holder}`);
  await shelf.add(kind, name, { after: there, from, lines, head });
}

/** The files that the journal names, each as it was kept last. */
async function copyFiles({ name, chain }: Step, from: Side, to: Side): Promise<number> {
  const kept = new Map<string, string>();
  for (const { type, struck, body } of chain.lines) {
    if (type !== ATTACHED || struck) continue;
    const { file, sha256 } = JSON.parse(body.toString()) as Partial<Attached>;
    if (file !== undefined && sha256 !== undefined) kept.set(file, sha256);
  }
  for (const [file, sha256] of kept) {
    const bytes = await from.shelf.file(name, file);
    if (bytes !== undefined) await to.shelf.keep(name, { file, sha256 }, bytes);
  }
  return kept.size;
}

const ATTACHED: Attached['type'] = 'attached';

/** A register that went its own way cannot take the lines of another: what came is entered as such. */
async function enter(store: Store, steps: readonly Step[]): Promise<void> {
  if (steps.length === 0) return;
  await store.ledger('register').append(
    ...steps.map(({ name, head: { seq, hash } }) => ({
      type: 'run.imported',
      body: { run: name, seq, hash },
    })),
  );
}

const anotherRun = (run: string, place: string): StoreError =>
  new StoreError('altered', `there is another run ${run} in ${place}: nothing was copied`, {
    hint: 'The two have the same name and another chain. Look at both with `drillbook report`; one of them is not what it seems.',
  });
