import type { StepKind } from '../../model/kind.ts';

/** Does nothing by itself: its step's `assert` says what must hold by now. */
export const assertion: StepKind = {
  name: 'assert',
  effect: () => 'none',
  describe: () => 'Check what must hold by now',
  targets: () => [],
  run: () => Promise.resolve({}),
};
