import { writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import type { Json } from '../../engine/base/json.ts';
import { earlierSaid } from '../../engine/cli/run/earlier.ts';
import type { Environment } from '../../engine/model/environment.ts';
import type { EventBody } from '../../engine/model/event.ts';
import { testStore, written } from '../journal/rig.ts';

const PRODUCTION = { name: 'production', kind: 'production' } as const;

const started = (playbook: string, environment: Pick<Environment, 'name' | 'kind'>): EventBody => ({
  type: 'run.started',
  run: 'any',
  mode: 'recover',
  playbook,
  title: playbook,
  environment,
  operator: 'ada',
  host: 'here',
  pid: 1,
  unattended: true,
  engine: '0',
  sources: [],
  objectives: {},
  answers: {},
});

const finished = (key: string, output: Json, outcome: 'succeeded' | 'failed' = 'succeeded'): EventBody => ({
  type: 'step.finished',
  key,
  title: key,
  outcome,
  conclusion: outcome === 'failed' ? 'failed' : 'ok',
  output,
});

const look = (value: number, outcome?: 'succeeded' | 'failed'): EventBody =>
  finished('look', { value }, outcome);

test('the newest run of the playbook in this environment in which the step succeeded', async () => {
  const rig = testStore();
  const weekly = started('weekly-checks', PRODUCTION);
  await written(rig, '20261101-0700-aaaa', [weekly, look(1)]);
  await written(rig, '20261108-0700-aaaa', [weekly, look(2), look(3), finished('other', { value: 4 })]);
  await written(rig, '20261115-0700-aaaa', [weekly, look(5, 'failed')]);
  await written(rig, '20261116-0700-aaaa', [started('daily-checks', PRODUCTION), look(6)]);
  await written(rig, '20261117-0700-aaaa', [
    started('weekly-checks', { name: 'staging', kind: 'staging' }),
    look(7),
  ]);
  await written(rig, '20261118-0700-aaaa', [
    started('weekly-checks', { name: 'production', kind: 'sandbox' }),
    look(8),
  ]);
  expect(await earlierSaid(rig.store, PRODUCTION, 'weekly-checks', 'look')).toMatchObject({
    said: { run: '20261108-0700-aaaa', output: { value: 3 } },
    unreadable: [],
  });
  await written(rig, '20261119-0700-aaaa', [
    weekly,
    { type: 'scope.left', key: 'look[a]', outcome: 'done', output: { value: 9 } },
  ]);
  expect(await earlierSaid(rig.store, PRODUCTION, 'weekly-checks', 'look[a]')).toMatchObject({
    said: { run: '20261119-0700-aaaa', output: { value: 9 } },
  });
  expect(await earlierSaid(rig.store, PRODUCTION, 'weekly-checks', 'never')).toEqual({
    said: undefined,
    unreadable: [],
  });
});

test('a newer run that was altered is named, as what it said is not known', async () => {
  const rig = testStore();
  const weekly = started('weekly-checks', PRODUCTION);
  await written(rig, '20261101-0700-aaaa', [weekly, look(1)]);
  await written(rig, '20261108-0700-aaaa', [weekly, look(2)]);
  writeFileSync(rig.journal('20261108-0700-aaaa'), '{}\n');
  expect(await earlierSaid(rig.store, PRODUCTION, 'weekly-checks', 'look')).toMatchObject({
    said: { run: '20261101-0700-aaaa', output: { value: 1 } },
    unreadable: ['20261108-0700-aaaa'],
  });
});
