import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createFolderStore } from '../../../engine/journal/folder-store.ts';
import { Redactor } from '../../../engine/journal/redact.ts';
import type { Store } from '../../../engine/journal/store.ts';
import { StoreError } from '../../../engine/journal/store.ts';
import { reportAs } from '../../rig/report-as.ts';
import { FakeClock } from '../../rig/fake-clock.ts';
import { BYTE_MUTATIONS, Dice } from '../../rig/mutation.ts';
import { runStarted } from '../../rig/run-started.ts';
import { RUN, live } from './life.ts';
import type { Snapshot } from './snapshots.ts';

const FILES = {
  journal: `runs/${RUN}/journal.jsonl`,
  head: `runs/${RUN}/journal.head`,
  register: 'ledgers/register.jsonl',
  registerHead: 'ledgers/register.head',
  attachment: `runs/${RUN}/files/attachments/look-proof.txt`,
} as const;

/** Longer than this, in time of this process's own, is a hang. */
const HANG_MS = 1000;

type Damage = (bytes: Buffer, dice: Dice) => Buffer | undefined;

const linesOf = (bytes: Buffer): string[] => bytes.toString('latin1').split(/(?<=\n)/);
const joined = (lines: readonly string[]): Buffer => Buffer.from(lines.join(''), 'latin1');

/** What happens to files of lines, beside what happens to bytes. Undefined removes the file. */
const LINE_DAMAGES: readonly Damage[] = [
  () => undefined,
  () => Buffer.alloc(0),
  (bytes) => Buffer.alloc(bytes.length),
  (bytes, dice) => joined(linesOf(bytes).slice(0, dice.below(linesOf(bytes).length))),
  (bytes, dice) => {
    const lines = linesOf(bytes);
    const kept = dice.below(lines.length);
    const next = lines[kept] ?? '';
    return joined([...lines.slice(0, kept), next.slice(0, dice.below(next.length))]);
  },
  (bytes, dice) => joined(linesOf(bytes).toSpliced(dice.below(linesOf(bytes).length), 1)),
  (bytes, dice) => {
    const lines = linesOf(bytes);
    const at = dice.below(lines.length);
    return joined(lines.toSpliced(at, 0, dice.pick(lines)));
  },
  (bytes, dice) => Buffer.concat([bytes, bytes.subarray(0, dice.below(300))]),
  (bytes) => Buffer.from(bytes.toString('latin1').replace('"sealed":true', '"sealed":false'), 'latin1'),
];

const damage: Damage = (bytes, dice) => {
  if (dice.oneIn(2)) return dice.pick(LINE_DAMAGES)(bytes, dice);
  const mutate = dice.pick(Object.values(BYTE_MUTATIONS));
  return Buffer.from(mutate(bytes, dice.below(bytes.length), dice));
};

/** Damages stores and holds what then happens against what must. */
export class Damages {
  readonly #snapshots: readonly Snapshot[];
  readonly #seed: number;
  readonly #folder: string;
  readonly #counts = new Map<string, number>();

  constructor(snapshots: readonly Snapshot[], seed: number) {
    this.#snapshots = snapshots;
    this.#seed = seed;
    // A file system in memory where there is one: thousands of stores are flushed to it.
    this.#folder = mkdtempSync(join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), 'drillbook-damages-'));
  }

  /** What came of all cases so far. */
  tally(): string {
    return [...this.#counts].map(([what, count]) => `${count} ${what}`).join(', ');
  }

  dispose(): void {
    rmSync(this.#folder, { recursive: true, force: true });
  }

  /** One case: what was not as it must be, undefined when all was. */
  async inflict(index: number): Promise<string | undefined> {
    const dice = new Dice(this.#seed, index);
    const snapshot = dice.pick(this.#snapshots);
    const files = new Map(snapshot.files);
    const names = Object.keys(FILES) as (keyof typeof FILES)[];
    const hit = new Set([dice.pick(names), ...(dice.oneIn(4) ? [dice.pick(names)] : [])]);
    for (const name of hit) {
      const changed = damage(snapshot.files.get(FILES[name]) ?? Buffer.alloc(0), dice);
      if (changed === undefined) files.delete(FILES[name]);
      else files.set(FILES[name], changed);
    }
    const root = join(this.#folder, String(index));
    for (const [path, bytes] of files) {
      mkdirSync(dirname(join(root, path)), { recursive: true });
      writeFileSync(join(root, path), bytes);
    }
    const before = process.cpuUsage();
    try {
      await this.#holdsUp(root, snapshot, files);
    } catch (error) {
      return `${[...hit].join(', ')}: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`;
    } finally {
      rmSync(root, { recursive: true, force: true });
    }
    const { user, system } = process.cpuUsage(before);
    return (user + system) / 1000 > HANG_MS
      ? `${[...hit].join(', ')}: took ${(user + system) / 1000} ms`
      : undefined;
  }

  async #holdsUp(root: string, snapshot: Snapshot, files: ReadonlyMap<string, Buffer>): Promise<void> {
    const store = createFolderStore(root, { clock: new FakeClock(), redactor: new Redactor() });
    const isHarmed = RUN_FILES.some((name) => isDamage(name, snapshot.files, files));
    const isRegisterHarmed = REGISTER_FILES.some((name) => isDamage(name, snapshot.files, files));
    const tells = async (when: string): Promise<void> => {
      const told = await proof(store);
      if (isHarmed && told.run) throw new Error(`${when}: the damaged run counts as unaltered`);
      if (isRegisterHarmed && told.register)
        throw new Error(`${when}: the damaged register counts as unaltered`);
      if (!isHarmed && !isRegisterHarmed && !(told.run && told.register))
        throw new Error(`${when}: what is whole counts as altered`);
    };
    await tells('at first');
    await report(store);
    this.#count(await resume(store, snapshot, isHarmed));
    await tells('after the run was gone on with');
    await report(store);
    const next = await store.create('next');
    await next.journal.append(runStarted('next'));
    await next.seal();
    await next.close();
    await tells('after another run');
  }

  #count(what: string): void {
    this.#counts.set(what, (this.#counts.get(what) ?? 0) + 1);
  }
}

const RUN_FILES = ['journal', 'head', 'attachment'] as const;
const REGISTER_FILES = ['register', 'registerHead'] as const;

/** Whether a file says something else than it did. A torn line after the whole ones is what a crash leaves. */
function isDamage(
  name: keyof typeof FILES,
  before: ReadonlyMap<string, Buffer>,
  after: ReadonlyMap<string, Buffer>,
): boolean {
  const was = before.get(FILES[name]) ?? Buffer.alloc(0);
  const is = after.get(FILES[name]);
  if (is === undefined) return true;
  if (is.equals(was)) return false;
  if (name !== 'journal' && name !== 'register') return true;
  const isTorn = is.subarray(0, was.length).equals(was) && !is.subarray(was.length).includes('\n');
  const sealed = before.get(FILES.head)?.includes('"sealed":true') === true;
  return !isTorn || (name === 'journal' && sealed);
}

/** Whether `audit --verify` would call the run and the register unaltered. */
async function proof(store: Store): Promise<{ readonly run: boolean; readonly register: boolean }> {
  const { kept, found, problem, problems } = await store.verifyRegister();
  const isListed = (await store.list()).includes(RUN);
  return {
    run:
      !problems.some(({ run }) => run === RUN) &&
      // Without an event it is the register's to say that there was one.
      (isListed ? (await store.verify(RUN)).ok : problem === undefined),
    register: kept && found === 0 && problem === undefined && problems.every(({ run }) => run === RUN),
  };
}

async function report(store: Store): Promise<void> {
  const events = await refusable(() => store.read(RUN));
  if (events instanceof StoreError) return;
  const journal = await store.verify(RUN);
  for (const format of ['text', 'md', 'html', 'json', 'junit'] as const)
    await reportAs(format, events, { journal });
}

/** Goes on with the run, where it can be: what came of that. */
async function resume(store: Store, { done, sealed }: Snapshot, isHarmed: boolean): Promise<string> {
  const open = await refusable(() => store.open(RUN));
  if (open instanceof StoreError) {
    if (!isHarmed) throw new Error(`a whole run is refused: ${open.message}`);
    return 'refused';
  }
  const world = [...done];
  try {
    const history = [...open.events];
    if (history[0]?.type !== 'run.started') return 'without a beginning';
    const error = await live({ journal: open.journal, history, done: world });
    if (error !== undefined) throw new Error('the run could not be carried to its end', { cause: error });
    if (new Set(world).size < world.length) throw new Error(`done twice: ${world.join(' ')}`);
    await open.seal();
    return isHarmed ? 'gone on with, and told of' : sealed ? 'sealed and whole' : 'whole';
  } finally {
    await open.close();
  }
}

/** A refusal is an answer, when it says what it is about. */
async function refusable<T>(work: () => Promise<T>): Promise<T | StoreError> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof StoreError && error.message.includes(RUN)) return error;
    throw error;
  }
}
