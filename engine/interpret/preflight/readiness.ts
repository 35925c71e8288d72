import { Control } from '../../model/control.ts';
import { canonicalJson } from '../../base/json.ts';
import { encodeValue, isValueMap } from '../../base/value.ts';
import type { Environment } from '../../model/environment.ts';
import { isHandle } from '../../model/handle.ts';
import type { SecretResolver } from '../../model/handle.ts';
import type { Lack, Need } from '../../model/need.ts';
import type { Playbook, Step } from '../../model/playbook.ts';
import type { Evaluator, Scope } from '../../model/ports.ts';
import type { StepTable } from '../../model/kind.ts';
import { placedSteps } from '../../model/walk.ts';
import type { PlacedStep } from '../../model/walk.ts';
import { Known } from './known-values.ts';

export interface ReadinessOptions {
  readonly playbook: Playbook;
  readonly environment: Environment;
  readonly steps: StepTable;
  readonly evaluator: Evaluator;
  readonly secrets: SecretResolver;
  /** What the steps of a playbook, the run's own or a called one, see as far as it is known. */
  readonly scope: (playbook: Playbook) => Scope;
  /** Whether a step is still to come: `no`, or `maybe` where a branch or a condition will decide. */
  readonly comes: (placed: PlacedStep) => 'yes' | 'no' | 'maybe';
}

/** Something that is not there, and the steps that need it. */
export interface Missing extends Lack {
  readonly steps: readonly string[];
  /** A step that certainly comes needs it. */
  readonly certain: boolean;
}

/** How long one thing may take to be found. */
const PATIENCE_MS = 10_000;

/** Looks for every secret, program and address that the steps to come need, each once, and changes nothing. */
export async function findMissing(options: ReadinessOptions): Promise<readonly Missing[]> {
  const needed = await collect(options);
  const found = await Promise.all(
    [...needed.values()].map(async ({ need, steps, certain }): Promise<readonly Missing[]> => {
      const lack = await options.steps.lookFor?.(need, options.secrets, AbortSignal.timeout(PATIENCE_MS));
      return lack === undefined ? [] : [{ ...lack, steps, certain }];
    }),
  );
  return found.flat();
}

/** What other steps came to is not known yet: a condition over it decides later. */
const wanted = ({ when }: Step, known: Known, evaluator: Evaluator): 'yes' | 'no' | 'maybe' => {
  if (when === undefined) return 'yes';
  const later = ['steps', 'vars', 'previous', 'item'].some((name) => evaluator.asksFor(when, name));
  return later ? 'maybe' : known.test(when);
};

interface Needed {
  readonly need: Need;
  readonly steps: string[];
  certain: boolean;
}

async function collect(options: ReadinessOptions): Promise<ReadonlyMap<string, Needed>> {
  const needed = new Map<string, Needed>();
  for (const placed of placedSteps(options.playbook)) {
    const { node } = placed;
    if (node.type !== 'step') continue;
    const known = new Known(options.evaluator, options.scope(placed.playbook));
    const comes = wanted(node, known, options.evaluator);
    const certainty = comes === 'no' ? 'no' : options.comes(placed);
    if (certainty === 'no') continue;
    // What must fail, or is waited for, may well be missing now.
    const patient = node.until !== undefined || node.expectFailure !== undefined;
    for (const need of await needsOf(placed, known, options)) {
      const name = canonicalJson(encodeValue({ ...need }));
      const entry = needed.get(name) ?? { need, steps: [], certain: false };
      needed.set(name, entry);
      entry.steps.push(node.title);
      entry.certain ||=
        comes === 'yes' && certainty === 'yes' && !(patient && need.type.startsWith('address'));
    }
  }
  return needed;
}

/** What the step keeps is sealed with the key that the environment names. */
function keyOf({ secretOutput }: Step, { data }: Environment): readonly Need[] {
  const { keep } = data;
  const handle = isValueMap(keep) ? keep['key'] : undefined;
  return isHandle(handle) && secretOutput.some((each) => each.keep) ? [{ type: 'secret', handle }] : [];
}

async function needsOf(
  { node }: PlacedStep,
  known: Known,
  { steps, environment }: ReadinessOptions,
): Promise<readonly Need[]> {
  if (node.type !== 'step' || steps.needs === undefined) return [];
  const kind = await steps.load(node.uses);
  if (kind.people !== undefined) return [];
  try {
    const needs = await steps.needs(kind, known.args(node.with).args, environment);
    return [...needs, ...keyOf(node, environment)];
  } catch (error) {
    if (error instanceof Control) throw error;
    // The kind cannot read arguments that are not known yet.
    return [];
  }
}
