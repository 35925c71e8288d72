import { describe, expect, it } from 'vitest';
import type { EventBody } from '../../engine/model/event.ts';
import type { KindOfOperation } from '../../engine/model/operation.ts';
import { operationsOf } from '../../engine/measure/operations.ts';
import fc from '../rig/fast-check.ts';
import { START, Story, anyEvents, finished, resumed, started } from './rig.ts';

const KINDS: Readonly<Record<string, KindOfOperation>> = {
  dump: { is: 'backup', id: ['output.path'] },
  fetch: { is: 'fetch', id: ['with.key'], file: 'output.path' },
  restore: { is: 'restore', id: ['output.from', 'with.at'] },
  copy: { is: 'restore', id: ['with.from.name'], unless: { 'with.for': 'replication' } },
};
const kind = (name: string): KindOfOperation | undefined => KINDS[name];

const step = (
  key: string,
  uses: string,
  args: Extract<EventBody, { type: 'step.started' }>['args'] = {},
): EventBody => ({
  type: 'step.started',
  key,
  title: `Step ${key}`,
  kind: uses,
  effect: 'read',
  describe: '',
  args,
  digest: '0',
});
const done = (
  key: string,
  change: Partial<Extract<EventBody, { type: 'step.finished' }>> = {},
): EventBody => ({
  type: 'step.finished',
  key,
  title: `Step ${key}`,
  outcome: 'succeeded',
  conclusion: 'ok',
  ...change,
});

const log = (story: Story, writing = false) => operationsOf(story.events, { kind, writing });

describe('the log of operations', () => {
  it('has the run, then the backups and restores in it', () => {
    const story = new Story()
      .add(started({ reason: 'Pre-migration backup' }), step('d', 'dump'))
      .wait(1000)
      .add(done('d', { output: { path: 'main.dump' } }), step('w', 'wait'), done('w'))
      .add(step('r', 'restore', { at: { $time: '2026-11-22T14:00:00Z' } }), done('r'), finished());
    expect(log(story)).toEqual([
      {
        at: START,
        type: 'drill',
        operation: 'Drill: Database corruption',
        run: '20261122-1455-k3f9',
        playbook: 'database-corruption',
        environment: 'sandbox',
        reason: 'Pre-migration backup',
        by: 'ada',
        status: 'success',
      },
      expect.objectContaining({
        type: 'backup',
        operation: 'Backup: Step d',
        backup: 'main.dump',
        at: START,
      }),
      expect.objectContaining({ type: 'restore', backup: '2026-11-22T14:00:00.000Z', at: START + 1_000_000 }),
    ]);
  });

  it('names the backup of a restore, and not the file into which it was fetched', () => {
    const story = new Story()
      .add(started(), step('f', 'fetch', { key: 'peakops/2026-11-22.dump' }))
      .add(done('f', { output: { path: '/runs/k3f9/2026-11-22.dump' } }))
      .add(step('r', 'restore'), done('r', { output: { from: '2026-11-22.dump' } }), finished());
    expect(log(story).slice(1)).toMatchObject([{ type: 'restore', backup: 'peakops/2026-11-22.dump' }]);
  });

  it('has no row for what fills a replica', () => {
    const from = { name: 'videos' };
    const story = new Story()
      .add(started(), step('fill', 'copy', { from, for: 'replication' }), done('fill'))
      .add(step('back', 'copy', { from }), done('back'), finished());
    expect(log(story).slice(1)).toMatchObject([{ operation: 'Restore: Step back', backup: 'videos' }]);
  });

  it('names everybody who carried the run, and whoever was there at a step', () => {
    const story = new Story().add(started({ mode: 'recover' }), step('d', 'dump'), done('d')).die(5000);
    story.add(resumed, step('e', 'dump'), done('e', { by: 'carl', outcome: 'byHand' }), step('r', 'restore'));
    expect(log(story).map(({ type, by, status }) => [type, by, status])).toEqual([
      ['recovery', 'ada, bob', 'interrupted'],
      ['backup', 'ada', 'success'],
      ['backup', 'carl', 'by hand'],
      ['restore', 'bob', 'unknown'],
    ]);
    expect(log(story, true).map(({ status }) => status)).toEqual([
      'running',
      'success',
      'by hand',
      'running',
    ]);
  });

  it.each([
    ['failed', 'failed'],
    ['aborted', 'aborted'],
    ['failedVerification', 'failed verification'],
  ] as const)('says of a run that %s: %s', (outcome, status) => {
    expect(log(new Story().add(started(), finished(outcome)))).toMatchObject([{ status }]);
  });

  it('says that a step failed, also when it was accepted', () => {
    const story = new Story().add(started(), step('d', 'dump'), done('d', { outcome: 'accepted' }));
    expect(log(story)[1]).toMatchObject({ status: 'failed' });
  });

  it('is made of whatever a journal may hold', () => {
    fc.assert(
      fc.property(anyEvents, (events) => {
        const found = operationsOf(events, { kind: () => KINDS['dump'] });
        return found.length === 0 || found[0]!.type === 'drill';
      }),
    );
  });
});
