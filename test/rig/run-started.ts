import type { RunStarted } from '../../engine/model/event.ts';

/** What a run of the interpreter's tests began as. */
export const runStarted = (run: string): RunStarted => ({
  type: 'run.started',
  run,
  mode: 'drill',
  playbook: 'test',
  title: 'test',
  environment: { name: 'sandbox', kind: 'sandbox' },
  operator: 'ada',
  host: 'here',
  pid: 1,
  unattended: false,
  engine: '0',
  sources: [],
  objectives: {},
  answers: {},
});
