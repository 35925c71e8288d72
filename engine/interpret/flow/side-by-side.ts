import { givingWay } from '../../base/turn.ts';
import type { JoinRule } from '../../model/failure-rules.ts';
import { OperatorNeeded } from '../../model/ports.ts';
import type { RunContext } from '../life/context.ts';
import {
  Aborting,
  Cancelled,
  GivenUp,
  Halt,
  LeaveBranch,
  NextRound,
  Paused,
  Replayed,
} from '../life/control.ts';

/** A branch or an item that goes on beside others. */
export interface Lane {
  /** Of its scope, which the walk enters and, when all went well, leaves. */
  readonly key: string;
  readonly walk: (run: RunContext) => Promise<void>;
}

/**
 * Walks lanes side by side, so many at once, and joins them. When one fails the others are
 * told to end (`cancel`), or go on to their ends (`wait`): then what the first threw is thrown.
 * A pause, a person who aborts and what leads out of all of them ends the others in any case.
 */
export async function sideBySide(
  run: RunContext,
  lanes: readonly Lane[],
  options: { readonly concurrency: number; readonly rule: JoinRule },
): Promise<void> {
  const join = new Join(run, options.rule);
  await join.replay(lanes);
  const giveWay = givingWay(run.options.clock);
  let next = 0;
  const work = async (): Promise<void> => {
    for (let lane = lanes[next++]; lane !== undefined; lane = lanes[next++]) {
      await join.walk(lane);
      await giveWay();
    }
  };
  await Promise.all(Array.from({ length: Math.min(options.concurrency, lanes.length) }, work));
  join.end();
}

class Join {
  readonly #run: RunContext;
  readonly #rule: JoinRule;
  readonly #halt = new Halt();
  readonly #inside: RunContext;
  #thrown: { readonly error: unknown; readonly weight: number } | undefined;

  constructor(run: RunContext, rule: JoinRule) {
    this.#run = run;
    this.#rule = rule;
    this.#inside = run.within(this.#halt);
  }

  /**
   * What the journal knows of the lanes is walked first, one by one and without doing anything:
   * so a failure of an earlier life ends the others before they go on.
   */
  async replay(lanes: readonly Lane[]): Promise<void> {
    const { entered, left } = this.#run.log.state;
    const begun = lanes.filter(({ key }) => entered.has(key) && left.get(key)?.outcome !== 'done');
    if (begun.length === 0) return;
    const halt = new Halt();
    halt.stop(new Replayed());
    const replaying = this.#run.within(halt);
    const giveWay = givingWay(this.#run.options.clock);
    for (const lane of begun) {
      try {
        await lane.walk(replaying);
      } catch (error) {
        if (!(error instanceof Replayed)) this.#take(error);
      }
      await giveWay();
    }
  }

  async walk(lane: Lane): Promise<void> {
    const { entered, left } = this.#run.log.state;
    // Once the others are told to end, none is begun.
    if (this.#halt.reason !== undefined && !entered.has(lane.key)) return;
    try {
      await lane.walk(this.#inside);
    } catch (error) {
      this.#take(error);
      const outcome = endOf(error);
      if (outcome === undefined || !entered.has(lane.key) || left.has(lane.key)) return;
      await this.#run.log.append({ type: 'scope.left', key: lane.key, outcome }).catch((broken: unknown) => {
        this.#take(broken);
      });
    }
  }

  /** Throws what ended the lanes, if anything did. */
  end(): void {
    if (this.#thrown !== undefined) throw this.#thrown.error;
  }

  #take(error: unknown): void {
    // The others are told of a failure; what they throw then says nothing new.
    if (error instanceof Cancelled && this.#halt.reason instanceof Cancelled) return;
    const weight = weightOf(error);
    if (this.#thrown === undefined || weight > this.#thrown.weight) this.#thrown = { error, weight };
    if (weight >= PAUSING) {
      this.#halt.stop(error instanceof Paused ? error : new Paused('what goes on beside it has stopped'));
    } else if (weight > FAILURE || this.#rule === 'cancel') {
      this.#halt.stop(new Cancelled(`cancelled: ${error instanceof Error ? error.message : String(error)}`));
    }
  }
}

const FAILURE = 1;
const PAUSING = 4;

/** Of several errors the one that weighs most is thrown: what nobody foresaw, a pause, a person’s word, a failure. */
function weightOf(error: unknown): number {
  if (error instanceof Cancelled) return 0;
  if (error instanceof Aborting) return error.by === undefined ? FAILURE : 3;
  if (error instanceof LeaveBranch || error instanceof NextRound || error instanceof GivenUp) return 2;
  return error instanceof Paused || error instanceof OperatorNeeded ? PAUSING : 5;
}

/** How a lane ended that was stopped before its end; undefined where a resumed run may go on with it. */
function endOf(error: unknown): 'failed' | 'cancelled' | undefined {
  if (error instanceof Cancelled) return 'cancelled';
  return weightOf(error) < PAUSING ? 'failed' : undefined;
}
