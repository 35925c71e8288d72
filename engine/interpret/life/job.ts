import type { Instant } from '../../base/instant.ts';
import type { ValueMap } from '../../base/value.ts';
import type { TargetUse } from '../../model/environment.ts';
import type { StepFinished } from '../../model/event.ts';
import type { Failure } from '../../model/failure.ts';
import type { Step } from '../../model/playbook.ts';
import type { Scope } from '../../model/ports.ts';
import type { StepKind } from '../../model/kind.ts';
import type { RunContext } from './context.ts';
import { changesNothing } from './effect.ts';
import type { StepEffect } from './effect.ts';
import type { Frame, Turn } from './frame.ts';
import { names } from './names.ts';
import type { StepState } from './state.ts';
import type { Waiting } from './waiting.ts';

/** One step while it is being worked on. */
export interface Job {
  readonly run: RunContext;
  readonly frame: Frame;
  readonly step: Step;
  readonly key: string;
  /** `now` of the step's expressions: they are evaluated once. */
  readonly now: Instant;
  /** The `with` that the operator gave for another try. */
  override?: ValueMap;
  /** Set during an attempt: its operator can end a wait. */
  waiting?: Waiting;
  /** What an attempt that was broken off had said. */
  said?: ValueMap;
}

export function newJob(run: RunContext, frame: Frame, step: Step): Job {
  const key = `${frame.prefix}${step.id}`;
  return { run, frame, step: titled(step, frame.turns?.at(-1)), key, now: run.options.clock.now() };
}

/** Which item or round a step is about is said with its title. */
function titled(step: Step, turn: Turn | undefined): Step {
  if (turn === undefined) return step;
  const which = 'item' in turn ? turn.item : `round ${String(turn.round)}`;
  return { ...step, title: `${step.title} (${which})` };
}

export const recordOf = (job: Job): StepState | undefined => job.run.log.state.steps.get(job.key);

export const namesOf = (job: Pick<Job, 'run' | 'frame' | 'now'>, extra?: ValueMap): Scope =>
  names(job.run, job.frame, job.now, extra);

/** Members of its output that later steps ask for, come what may; undefined: none of them does. */
export const neededOf = ({ frame, step }: Job): ReadonlySet<string> | undefined =>
  frame.playbook.needed.get(step.id);

/** A step whose expressions have been evaluated. */
export interface Resolved extends Omit<StepEffect, 'contradiction'> {
  readonly kind: StepKind;
  readonly args: ValueMap;
  readonly describe: string;
  /** SHA-256 of kind and resolved `with`. */
  readonly digest: string;
  readonly targets: readonly TargetUse[];
}

/** Whether its output is a reading of the world, over which its conditions are when they have no probe. */
export const readsItself = ({ effect, kind, args }: Resolved): boolean =>
  changesNothing(effect) && kind.people === undefined && kind.debt?.(args) === undefined;

/** What a step came to, before it is journaled. */
export interface Settled {
  readonly outcome: StepFinished['outcome'];
  readonly conclusion: StepFinished['conclusion'];
  readonly output?: ValueMap;
  readonly error?: Failure;
  readonly reason?: string;
  /** Who decided it, when not the engine. */
  readonly by?: string;
  /** The operator gives up the item of the loop around with it. */
  readonly givesUp?: boolean;
  readonly evidence?: Evidence;
}

/** What a step that came out well leaves behind. */
export interface Evidence {
  readonly markTime: Instant;
  readonly records: ValueMap;
  readonly rebinds: ValueMap;
}

/** The end of one try: settled, or failed and to be decided on. */
export type Try = { readonly settled: Settled } | { readonly failed: Failure };
