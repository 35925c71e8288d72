import type { StepKind } from '../../model/kind.ts';
import { doneByPeople } from './never-run.ts';
import type { Output, With } from '../types.ts';

/** Something that a person does. drillbook shows what, waits, and keeps who did it and when. */
export const manual: StepKind<With['manual'], Output['manual']> = {
  name: 'manual',
  people: 'manual',
  effect: () => 'none',
  describe: (args) => `Ask a person: ${firstLine(args.instructions)}`,
  targets: () => [],
  run: doneByPeople,
};

const firstLine = (instructions: string): string => instructions.trim().split('\n', 1)[0] ?? '';
