import type { Playbook } from '../../model/playbook.ts';
import type { SourceFile } from '../../source/file.ts';

/** A playbook without a cover and without steps. */
export const bare = (file: SourceFile): Playbook => ({
  id: '',
  title: '',
  summary: '',
  symptoms: [],
  links: [],
  needs: [],
  objectives: {},
  inputs: [],
  let: [],
  detect: [],
  rehearsals: [],
  steps: [],
  always: [],
  outputs: [],
  needed: new Map(),
  file,
});
