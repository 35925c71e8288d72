import type { Value, ValueMap } from '../base/value.ts';
import type { Environment } from '../model/environment.ts';
import type { Evaluator, Scope } from '../model/ports.ts';
import type { Effect, ForEach, Parallel, Playbook, Repeat } from '../model/playbook.ts';
import type { StepTable } from '../model/kind.ts';
import { placedSteps } from '../model/walk.ts';
import type { PlacedStep } from '../model/walk.ts';
import { Known, knownEffect } from './preflight/known-values.ts';
import { computed } from './life/names.ts';

/** What a step would do, as far as can be known before anything has run. */
export interface PlannedStep {
  readonly key: string;
  readonly path: readonly string[];
  readonly title: string;
  readonly uses: string;
  readonly effect: Effect;
  /** It is said only to read, and nothing holds it to that. */
  readonly believed?: true;
  /** The kind's one line; what only the run will know stands as `‹expression›`. */
  readonly describe: string;
  /** `no`: its `when` is false already. `maybe`: the run will know. */
  readonly runs: 'yes' | 'no' | 'maybe';
  readonly branch?: string;
  /** The operator is asked before it. */
  readonly gate: boolean;
  readonly expectMs?: number;
  readonly byHand?: string;
}

export interface PlanOptions {
  readonly playbook: Playbook;
  readonly environment: Environment;
  readonly steps: StepTable;
  readonly evaluator: Evaluator;
  /** Answers that are known beforehand. */
  readonly inputs: ValueMap;
  readonly now: Value;
}

/** Resolves every step without touching anything: no kind runs, no target is asked. */
export async function planSteps(options: PlanOptions): Promise<readonly PlannedStep[]> {
  const planned: PlannedStep[] = [];
  const scopes = new Map<Playbook, Scope>();
  for (const placed of placedSteps(options.playbook)) {
    const scope = scopes.get(placed.playbook) ?? scopeOf(placed.playbook, options);
    scopes.set(placed.playbook, scope);
    planned.push(await planStep(placed, scope, options));
  }
  return planned;
}

/** What is known before anything runs. Inputs of a called playbook are known when it is called. */
function scopeOf(
  playbook: Playbook,
  { playbook: own, inputs, environment, evaluator, now }: PlanOptions,
): Scope {
  const scope: Scope = {
    inputs: playbook === own ? inputs : {},
    env: environment.data,
    // What rests on something unknown is unknown wherever it is asked for.
    vars: computed(playbook.let, (value) => evaluator.render(value, scope)),
    steps: {},
    now,
  };
  return scope;
}

async function planStep(placed: PlacedStep, scope: Scope, options: PlanOptions): Promise<PlannedStep> {
  const { node, key, path, branch, repeated } = placed;
  const known = new Known(options.evaluator, scope);
  const runs = node.when === undefined ? (branch === undefined ? 'yes' : 'maybe') : known.test(node.when);
  const base = {
    key,
    path,
    title: node.title,
    runs: repeated && runs === 'yes' ? 'maybe' : runs,
    ...(branch !== undefined && { branch }),
  };
  if (node.type === 'call') {
    const describe = `Carry out the playbook ${node.playbook.id}`;
    return { ...base, uses: 'playbook', effect: 'none', describe, gate: false };
  }
  if (node.type === 'choose') {
    const describe = `Choose one of: ${node.branches.map(({ title }) => title).join(', ')}`;
    return { ...base, uses: 'choose', effect: 'none', describe, gate: node.pick === undefined };
  }
  if (node.type !== 'step') return { ...base, ...planBlock(node, known) };
  const kind = await options.steps.load(node.uses);
  const { args, whole } = known.args(node.with);
  const { effect, believed } = knownEffect(kind, args, node.effect);
  const byHand = whole ? kind.byHand?.(args, options.environment) : undefined;
  return {
    ...base,
    uses: node.uses,
    effect,
    ...(believed && { believed }),
    // With an unknown value among them a kind may stumble over its arguments, and the title must do.
    describe:
      known.say(node.with, (given) => kind.describe(given, node.secretOutput.length > 0)) ?? node.title,
    gate: node.confirm !== undefined || kind.people !== undefined,
    ...(node.expectMs !== undefined && { expectMs: node.expectMs }),
    ...(byHand !== undefined && { byHand }),
  };
}

/** Items that a plan names; of more it says that there are some. */
const NAMED = 10;

/** What holds steps does nothing itself. */
function planBlock(
  node: Parallel | ForEach | Repeat,
  known: Known,
): Pick<PlannedStep, 'uses' | 'effect' | 'describe' | 'gate'> {
  const { type: uses } = node;
  switch (node.type) {
    case 'parallel': {
      const branches = node.branches.map(({ title }) => title).join(', ');
      return { uses, effect: 'none', describe: `Side by side: ${branches}`, gate: false };
    }
    case 'forEach': {
      const atOnce = node.concurrency === 1 ? 'one after the other' : `${String(node.concurrency)} at once`;
      const gate = node.confirm !== undefined;
      const names = known.names(node.in) ?? [];
      const each = names.length > 0 && names.length <= NAMED ? `of ${names.join(', ')}` : 'item of a list';
      return { uses, effect: 'none', describe: `For each ${each}, ${atOnce}`, gate };
    }
    case 'repeat': {
      const describe = `In rounds until ${node.accept.source}, ${String(node.max)} at most`;
      return { uses, effect: 'none', describe, gate: false };
    }
  }
}
