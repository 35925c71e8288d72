import type { StepKind } from '../../model/kind.ts';
import type { Output, With } from '../types.ts';

/** Pays a debt early: the interpreter does the undo steps of the step that it names. */
export const pay: StepKind<With['pay'], Output['pay']> = {
  name: 'pay',
  // What the undo steps change is theirs: each passes the interlock and the gates by itself.
  effect: () => 'none',
  describe: (args) => `Pay now what "${args.debt}" owes`,
  targets: () => [],
  debt: (args) => args.debt,
  run: () => Promise.reject(new Error('a debt is paid by the interpreter')),
};
