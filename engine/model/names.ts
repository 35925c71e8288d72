import type { Value } from '../base/value.ts';

/**
 * The names of expressions. Whoever checks an expression and whoever evaluates it takes
 * them from here: what is known beforehand is what there is in a run.
 */

/** Members of `run`, and what each is. */
export const RUN_MEMBERS = {
  id: 'text',
  mode: 'text',
  operator: 'text',
  /** The id of the playbook that the run carries out, in those that it calls too. */
  playbook: 'text',
  environment: 'text',
  startedAt: 'time',
  /** The mark `occurred` as it is known now; null where nobody knows. */
  occurredAt: 'time',
  /** How long the rest of the run will take, by the forecast, rounded up as one says it. Absent while nothing is known. */
  remaining: 'duration',
  /** When it will be over, by the same forecast. */
  expectedEnd: 'time',
  /** The mark `verified` is set, and no check of the result has failed. */
  verified: 'boolean',
  /** Where the run's files lie: relative paths are below it. */
  folder: 'text',
} as const;

export type RunMember = keyof typeof RUN_MEMBERS;

/** Members of `steps.<id>`. Only `outcome` is always there. */
export const RESULT_MEMBERS = ['output', 'outcome', 'error'] as const;

/** Members of `steps.<id>` of a loop. */
export const LOOP_MEMBERS = [...RESULT_MEMBERS, 'items'] as const;

/** Members of `steps.<loop>.items[…]`; `output` and `error` as of a step. */
export const ITEM_MEMBERS = [...RESULT_MEMBERS, 'item', 'key'] as const;

/** What a step, a block of steps or an item came to, as expressions see it. What there is not is absent. */
export type StepResult = { readonly outcome: string } & {
  readonly [M in (typeof LOOP_MEMBERS)[number] | (typeof ITEM_MEMBERS)[number]]?: Value;
};

/** Members of `previous`. */
export const PREVIOUS_MEMBERS = ['round', 'steps'] as const;

/** What every expression of a run may ask for. */
export const EVERYWHERE = ['env', 'run', 'now', 'vars'] as const;

/** What an expression may ask for that is evaluated outside of a run: before it, or by a monitor. */
export const OUTSIDE_OF_A_RUN = ['env', 'now'] as const;

/** What some expressions may ask for besides, and which. */
export const SOMEWHERE = {
  inputs: 'in steps, once they have been answered',
  steps: 'once steps have run: in later steps, in branches and in outputs',
  output:
    'after a step (assert, until, outcomes, record, rebind, undo) and in conditions with a "uses" of their own',
  error: 'in expectFailure, outcomes and retry.when',
  value: 'in the check of an input',
  fault: 'in the answers of a rehearsal and in prove',
  item: 'inside of a forEach',
  previous: 'inside of a repeat',
} as const;

export type ContextName = keyof typeof SOMEWHERE;

/** A scope with exactly these names. */
export type Named<N extends string> = Readonly<Record<N, Value>>;
