import { execFile } from 'node:child_process';
import {
  appendFileSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { createFolderStore } from '../../../engine/journal/folder-store.ts';
import { Redactor } from '../../../engine/journal/redact.ts';
import type { ChainHead } from '../../../engine/journal/line.ts';
import { CHAIN_START } from '../../../engine/journal/line.ts';
import { runFolder } from '../../../engine/journal/run-folder.ts';
import { applyToState, emptyState } from '../../../engine/interpret/life/state.ts';
import type { Event } from '../../../engine/model/event.ts';
import { compileChild } from '../../rig/compile-child.ts';
import { FakeClock } from '../../rig/fake-clock.ts';
import { World } from './world.ts';

/** How a life ends: not at all before the run does, killed after an event, or killed while writing it. */
export type Death = 'none' | 'killed' | 'torn';

export interface Ending {
  /** What the journal says in the end, without what may differ from life to life. */
  readonly state: unknown;
  readonly effects: readonly string[];
  readonly events: readonly Event[];
}

const RUN = 'run';
const start = promisify(execFile);

/** Runs the reference playbooks in child processes that die where they are told to. */
export class Matrix {
  readonly #child: string;
  readonly #folder: string;

  private constructor(child: string, folder: string) {
    this.#child = child;
    this.#folder = folder;
  }

  static async open(): Promise<Matrix> {
    const folder = mkdtempSync(join(tmpdir(), 'drillbook-crash-'));
    return new Matrix(await compileChild(new URL('child.ts', import.meta.url), folder), folder);
  }

  /** The run as it ends when its first life dies at this event and a second one goes on. */
  async run(playbook: string, death: Death, seq = 0): Promise<Ending> {
    const root = mkdtempSync(join(this.#folder, 'store-'));
    const world = join(root, 'world');
    try {
      const died = await this.#live(root, world, playbook, seq);
      if (died !== (death !== 'none')) throw new Error(`there was no event ${String(seq)} to die at`);
      if (death === 'torn') tear(root, seq);
      if (death !== 'none') await this.#live(root, world, playbook, 0);
      return await endingOf(root, new World(world));
    } finally {
      rmSync(root, { recursive: true, force: true });
    }
  }

  /** The run as it ends when each of its lives is killed after so many events of its own. */
  async dieOften(playbook: string, events: number): Promise<Ending> {
    const root = mkdtempSync(join(this.#folder, 'store-'));
    const world = join(root, 'world');
    try {
      for (let seq = events; ; seq += events) {
        const died = await this.#live(root, world, playbook, seq);
        if (!died) return await endingOf(root, new World(world));
      }
    } finally {
      rmSync(root, { recursive: true, force: true });
    }
  }

  /** Whether it died. */
  async #live(root: string, world: string, playbook: string, killAfter: number): Promise<boolean> {
    try {
      await start(process.execPath, [this.#child, root, world, playbook, String(killAfter)]);
      return false;
    } catch (error) {
      if ((error as { signal?: string }).signal === 'SIGKILL') return true;
      throw error;
    }
  }

  dispose(): void {
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

/**
 * Leaves half of the event's line, as a loss of power while it was written: what was in the
 * same write is gone too, and the head file was not written yet.
 */
function tear(root: string, seq: number): void {
  const { journal, head } = runFolder(root, RUN);
  const lines = readFileSync(journal, 'utf8').split('\n');
  const before = lines.slice(0, seq - 1).join('\n') + (seq > 1 ? '\n' : '');
  truncateSync(journal, Buffer.byteLength(before));
  appendFileSync(journal, (lines[seq - 1] ?? '').slice(0, 40));
  const { hash } = seq > 1 ? (JSON.parse(lines[seq - 2] ?? '') as ChainHead) : CHAIN_START;
  writeFileSync(head, `${JSON.stringify({ seq: seq - 1, hash, sealed: false }).padEnd(127)}\n`);
}

async function endingOf(root: string, world: World): Promise<Ending> {
  const store = createFolderStore(root, { clock: new FakeClock(), redactor: new Redactor() });
  const events = await store.read(RUN);
  const { ok, sealed } = await store.verify(RUN);
  const state = events.reduce(applyToState, emptyState());
  return {
    state: {
      ok,
      sealed,
      outcome: state.finished?.outcome,
      steps: sorted(
        [...state.steps].flatMap(([key, { finished }]) =>
          finished === undefined ? [] : [[key, [finished.outcome, finished.conclusion, finished.output]]],
        ),
      ),
      scopes: sorted([...state.left].map(([key, { outcome, output }]) => [key, [outcome, output]])),
      marks: [...state.marks].flatMap(([mark, time]) => (time === null ? [] : [mark])).sort(),
      recorded: sorted([...state.recorded]),
      rebinds: sorted([...state.rebinds].map(([key, paths]) => [key, [...paths]])),
      debts: sorted([...state.debts].map(([key, { due, how }]) => [key, [due, how]])),
      inputs: sorted([...state.inputs]),
      branches: sorted([...state.branches]),
      abort: state.abort?.reason,
      leftBehind: existsSync(world.lock),
    },
    effects: world.lines.filter((line) => line.startsWith('effect ')).sort(),
    events,
  };
}

const sorted = (entries: readonly (readonly [string, unknown])[]): unknown =>
  [...entries].sort(([a], [b]) => (a < b ? -1 : 1));
