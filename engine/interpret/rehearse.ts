import { Instant } from '../base/instant.ts';
import { decodeValue, encodeValue } from '../base/value.ts';
import type { ValueMap } from '../base/value.ts';
import type { RunOutcome } from '../model/event.ts';
import type { Rehearsal } from '../model/playbook.ts';
import { StepError } from '../model/kind.ts';
import { RunContext } from './life/context.ts';
import type { RunOptions } from './life/context.ts';
import { detectFault, expectSound } from './rehearsal/detect.ts';
import { isControl } from './life/failures.ts';
import { namesOutside } from './life/names.ts';
import { proveChecks } from './rehearsal/prove.ts';
import { asMap } from './life/arguments.ts';
import { pausable } from './run.ts';
import type { RunPausedResult } from './run.ts';
import { messageOf } from './life/text.ts';
import { walk } from './flow/walk.ts';

/** The sandbox, as a rehearsal needs it. */
export interface RehearsalWorld {
  /** Waits until the world is worth breaking: the application writes, backups work. */
  baseline(): Promise<void>;
  /** Breaks it, or one part of it. The output holds `at`, the moment from which on it was broken. */
  inject(
    uses: string,
    args: ValueMap,
    part?: string,
  ): Promise<{ readonly description: string; readonly output: ValueMap }>;
}

export interface RehearseOptions extends RunOptions {
  readonly rehearsal: Rehearsal;
  readonly world: RehearsalWorld;
}

/**
 * Breaks a sound world before the recovery, in which each `detect` probe is green: the fault (mark
 * `occurred`), the first red `detect` probe (mark `detected`), then the checks of the result, which
 * must be red now. What the journal holds of it is not done again; a world in which nothing was
 * broken yet and no step has begun must be new. Ends the run as failed when the fault cannot be injected, or nothing notices it.
 */
export async function rehearse(
  options: RehearseOptions,
): Promise<{ readonly fault: ValueMap } | { readonly outcome: RunOutcome } | RunPausedResult> {
  const run = new RunContext(options, walk);
  const { finished } = run.log.state;
  if (finished !== undefined) return { outcome: finished.outcome };
  return pausable(run, async () => {
    try {
      const fault = await breakWorld(run, options);
      if (options.rehearsal.fault !== undefined) {
        await detectFault(run);
        await proveChecks(run, options.rehearsal, fault);
      }
      return { fault };
    } catch (error) {
      if (isControl(run, error)) throw error;
      await run.log.append({ type: 'run.finished', outcome: 'failed', reason: messageOf(error) });
      return { outcome: 'failed' };
    }
  });
}

async function breakWorld(run: RunContext, { rehearsal, world }: RehearseOptions): Promise<ValueMap> {
  const { log, options } = run;
  const recorded = log.state.fault;
  if (recorded !== undefined) {
    const output = asMap(decodeValue(recorded.output));
    if (!log.state.marks.has('occurred')) await markOccurred(run, output);
    return output;
  }
  run.safePoint();
  // What the steps have done to it since, or left of it, is no reason not to go on.
  if ([...log.state.steps.values()].some(({ started }) => started !== undefined)) return {};
  await world.baseline();
  run.safePoint();
  // `none`: nothing breaks, the rehearsal proves a backup.
  if (rehearsal.fault === undefined) return {};
  await expectSound(run);
  const { uses, part } = rehearsal.fault;
  const scope = namesOutside(options.environment, options.clock.now());
  const args = asMap(options.evaluator.render(rehearsal.fault.with, scope));
  const { description, output } = await world.inject(uses, args, part);
  await log.append({ type: 'fault.injected', fault: uses, description, output: encodeValue(output) });
  await markOccurred(run, output);
  return output;
}

async function markOccurred(run: RunContext, output: ValueMap): Promise<void> {
  const { at } = output;
  if (!(at instanceof Instant)) throw new StepError('the fault does not say when it struck', { code: 'bug' });
  await run.log.append({ type: 'mark.set', mark: 'occurred', time: at.epochMicros, source: 'fault' });
}
