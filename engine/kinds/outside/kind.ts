import type { Result } from '../../base/result.ts';
import type { ValueMap } from '../../base/value.ts';
import { CODES } from '../../model/codes.ts';
import type { Effect } from '../../model/playbook.ts';
import type { Reconciliation, StepKind } from '../../model/kind.ts';
import { StepError } from '../../model/kind.ts';

/** What a kind of a user's own is held to. */
export interface Admission {
  /** The policy of the environment names the digest of its file. */
  readonly trusted: boolean;
  /** An output as the values that its schema means, or what is wrong with it. */
  readonly admit: (output: unknown) => Result<ValueMap, readonly string[]>;
}

const EFFECTS: readonly Effect[] = ['none', 'read', 'write', 'destructive'];

/**
 * A kind of a user's own as the others are. Unless it is trusted, nothing is believed of what it does to
 * the world, and its outputs are held against its schema always: playbooks were checked by that.
 */
export function outsideKind(own: StepKind, { trusted, admit }: Admission): StepKind {
  const { name, outputs } = own;
  const effect = (args: ValueMap): Effect => {
    const said = trusted ? own.effect(args) : 'unknown';
    return EFFECTS.includes(said) ? said : 'unknown';
  };
  const admitted = (output: unknown, args: ValueMap): ValueMap => {
    const result = admit(output);
    if (result.ok) return result.value;
    throw new StepError(`${name} gave an output that its schema refuses: ${result.error.join('; ')}`, {
      code: CODES.badOutput,
      hint: 'Correct the kind or its schema. What the step does has been done by then.',
      changed: ['none', 'read'].includes(effect(args)) ? 'nothing' : 'maybe',
    });
  };
  return {
    name,
    effect,
    describe: (args, discreet) => described(own, args, discreet),
    targets: (args) => own.targets(args),
    // Nobody knows what it does with an address.
    goesTo: (args) => own.goesTo?.(args) ?? args,
    run: async (args, context) => admitted(await own.run(args, context), args),
    ...(outputs !== undefined && { outputs }),
    ...(own.programs !== undefined && { programs: (args) => own.programs?.(args) ?? [] }),
    ...(own.byHand !== undefined && { byHand: (args, environment) => own.byHand?.(args, environment) }),
    ...(own.reconcile !== undefined && {
      async reconcile(args, context): Promise<Reconciliation> {
        const found = await own.reconcile?.(args, context);
        if (found === undefined) return { verdict: 'unknown', reason: 'the kind does not say' };
        return found.verdict === 'happened'
          ? { verdict: 'happened', output: admitted(found.output, args) }
          : found;
      },
    }),
  };
}

/** A line for people must not end a run, nor a plan. */
function described(own: StepKind, args: ValueMap, discreet: boolean | undefined): string {
  try {
    return own.describe(args, discreet);
  } catch (error) {
    return `${own.name} (it cannot describe itself: ${error instanceof Error ? error.message : String(error)})`;
  }
}
