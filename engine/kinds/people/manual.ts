import type { StepKind } from '../../model/kind.ts';
import { text } from '../context/args.ts';
import { doneByPeople } from './never-run.ts';

/** Something that a person does. drillbook shows what, waits, and keeps who did it and when. */
export const manual: StepKind = {
  name: 'manual',
  people: 'manual',
  effect: () => 'none',
  describe: (args) => `Ask a person: ${firstLine(text(args, 'instructions'))}`,
  targets: () => [],
  run: doneByPeople,
};

const firstLine = (instructions: string): string => instructions.trim().split('\n', 1)[0] ?? '';
