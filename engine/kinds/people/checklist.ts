import type { StepKind } from '../../model/kind.ts';
import { doneByPeople } from './never-run.ts';
import type { Output, With } from '../types.ts';

/** Points that a person goes through and ticks off. */
export const checklist: StepKind<With['checklist'], Output['checklist']> = {
  name: 'checklist',
  people: 'checklist',
  effect: () => 'none',
  describe(args) {
    const count = args.items.length;
    return `Ask a person to go through ${count === 1 ? 'one point' : `${count} points`}`;
  },
  targets: () => [],
  run: doneByPeople,
};
