import type { StepKind } from '../../model/kind.ts';
import type { Output, With } from '../types.ts';

/** Gives what a step of an earlier run said, as the store has it. */
export const recall: StepKind<With['recall'], Output['recall']> = {
  name: 'recall',
  outputs: ['found', 'output'],
  effect: () => 'none',
  describe: ({ playbook, step }) => `Look up what ${step} of ${playbook} said last`,
  targets: () => [],
  async run({ playbook, step }, context) {
    const { said, unreadable = [] } = (await context.earlier?.(playbook, step)) ?? {};
    for (const run of unreadable) context.log(`The run ${run} cannot be read: what it said is passed over`);
    return {
      found: said !== undefined,
      output: said?.output ?? {},
      at: said?.at ?? null,
      run: said?.run ?? null,
      unreadable: [...unreadable],
    };
  },
};
