import type { StepKind } from '../../model/kind.ts';
import type { Output, With } from '../types.ts';

/** Does nothing by itself: its step's `assert` says what must hold by now. */
export const assertion: StepKind<With['assert'], Output['assert']> = {
  name: 'assert',
  effect: () => 'none',
  describe: () => 'Check what must hold by now',
  targets: () => [],
  run: () => Promise.resolve({}),
};
