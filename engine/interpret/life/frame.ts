import type { Value, ValueMap } from '../../base/value.ts';
import { decodeValue, isValueMap } from '../../base/value.ts';
import type { Environment } from '../../model/environment.ts';
import type { Failure } from '../../model/failure.ts';
import type { StepResult } from '../../model/names.ts';
import type { Node, Playbook } from '../../model/playbook.ts';

/**
 * Where a step stands: what its key begins with and which names its expressions see.
 * A called playbook, an undo and `always` each have one of their own; phases and
 * branches only narrow the one around them.
 */
export interface Frame {
  /** `''`, `callId/`, `stopApi!undo/`. */
  readonly prefix: string;
  /** Prefix of the playbook's own steps, which undos and `always` may name. */
  readonly home: string;
  readonly playbook: Playbook;
  readonly inputs: ValueMap;
  /** `steps.<id>` as expressions see it; filled as steps finish. */
  readonly results: Record<string, StepResult>;
  /** Key of the phase around, for the keys of phases inside. */
  readonly phase: string;
  /** Inside a phase that verifies the result. */
  readonly verifies: boolean;
  /** Undos, debts and `always`: they run after an abort too. */
  readonly closing: boolean;
  /** Further names: an undo sees the `output` of its step. */
  readonly also: ValueMap;
  /** An undo sees the targets that its step saw; absent, those of the run as they stand now. */
  readonly environment?: Environment;
  /** Where in loops and rounds this is, outermost first; absent outside of them. */
  readonly turns?: readonly Turn[];
  /** The item of the innermost loop around, through calls too; absent outside of loops. */
  readonly item?: ItemAround;
  /** The operator has said go for all items of the loop. */
  readonly covered?: boolean;
}

export interface ItemAround {
  readonly name: string;
  /** A step that fails without an `onFailure` of its own fails its item, unasked. */
  readonly tolerant: boolean;
}

/** One item of a loop, or one round. */
export type Turn =
  { readonly item: string; readonly loop: string } | { readonly round: number; readonly repeat: string };

export const NOT_RUN: StepResult = { outcome: 'skipped' };

/** Every id is in `steps` from the start: what has not run has an outcome, and no output. */
export function resultsOf(...lists: readonly (readonly Node[])[]): Record<string, StepResult> {
  const results: Record<string, StepResult> = {};
  const visit = (nodes: readonly Node[]): void => {
    for (const node of nodes) {
      if (node.type === 'forEach') results[node.id] = { ...NOT_RUN, items: [] };
      else if (node.type !== 'phase') results[node.id] = NOT_RUN;
      if (node.type === 'phase' || node.type === 'repeat') visit(node.steps);
      if (node.type === 'choose' || node.type === 'parallel') {
        node.branches.forEach((branch) => visit(branch.steps));
      }
    }
  };
  lists.forEach(visit);
  return results;
}

export function playbookFrame(playbook: Playbook, prefix: string, inputs: ValueMap, closing: boolean): Frame {
  const results = resultsOf(playbook.steps, playbook.always);
  return {
    prefix,
    home: prefix,
    playbook,
    inputs,
    results,
    phase: prefix,
    verifies: false,
    closing,
    also: {},
  };
}

export function setResult(
  frame: Frame,
  id: string,
  result: {
    readonly output?: Value;
    readonly outcome: string;
    readonly error?: Failure;
    readonly items?: readonly StepResult[];
  },
): void {
  frame.results[id] = {
    ...resultOf(result),
    ...(result.items !== undefined && { items: result.items }),
  };
}

/** What something came to: what it has not given is absent, so that `has` and `.?` tell the truth. */
export function resultOf(ended: {
  readonly output?: Value | undefined;
  readonly outcome: string;
  readonly error?: Failure | undefined;
}): StepResult {
  const { output, outcome, error } = ended;
  return {
    outcome,
    ...(output !== undefined && { output }),
    ...(error !== undefined && { error: errorValue(error) }),
  };
}

/** What a step's own expressions see as `output` where it has left none: nothing is in it. */
export const NO_OUTPUT: ValueMap = {};

/** One member of a step's output is another one from here on, in every frame that knows of the step. */
export function amendOutput(frame: Frame, id: string, name: string, value: Value): void {
  const result = frame.results[id];
  const output = result?.['output'];
  if (result === undefined || !isValueMap(output)) return;
  // In place: frames inside hold the same result under a list of their own.
  Object.assign(result, { output: { ...output, [name]: value } });
}

/** What expressions see as `error`. */
export function errorValue(failure: Failure): ValueMap {
  const details = decodeValue(failure.details ?? null);
  const { code, message, hint = null, changed, retryable } = failure;
  return { ...(isValueMap(details) && details), code, message, hint, changed, retryable };
}
