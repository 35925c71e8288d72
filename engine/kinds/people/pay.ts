import type { StepKind } from '../../model/kind.ts';
import { text } from '../context/args.ts';

/** Pays a debt early: the interpreter does the undo steps of the step that it names. */
export const pay: StepKind = {
  name: 'pay',
  // What the undo steps change is theirs: each passes the interlock and the gates by itself.
  effect: () => 'none',
  describe: (args) => `Pay now what "${text(args, 'debt')}" owes`,
  targets: () => [],
  debt: (args) => text(args, 'debt'),
  run: () => Promise.reject(new Error('a debt is paid by the interpreter')),
};
