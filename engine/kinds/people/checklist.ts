import type { StepKind } from '../../model/kind.ts';
import { list } from '../context/args.ts';
import { doneByPeople } from './never-run.ts';

/** Points that a person goes through and ticks off. */
export const checklist: StepKind = {
  name: 'checklist',
  people: 'checklist',
  effect: () => 'none',
  describe(args) {
    const count = list(args, 'items').length;
    return `Ask a person to go through ${count === 1 ? 'one point' : `${count} points`}`;
  },
  targets: () => [],
  run: doneByPeople,
};
