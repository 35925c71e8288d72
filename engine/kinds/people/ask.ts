import { isValueMap } from '../../base/value.ts';
import type { StepKind } from '../../model/kind.ts';
import { doneByPeople } from './never-run.ts';
import type { With } from '../types.ts';

/** Asks the operator for values where they are needed: its answers are its output. */
export const ask: StepKind<With['ask']> = {
  name: 'ask',
  people: 'ask',
  effect: () => 'none',
  describe: ({ inputs }) => `Ask for ${isValueMap(inputs) ? Object.keys(inputs).join(', ') : 'values'}`,
  targets: () => [],
  run: doneByPeople,
};
