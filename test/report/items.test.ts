import { expect, it } from 'vitest';
import { StepError } from '../../engine/model/kind.ts';
import { renderReport } from '../../engine/report/report.ts';
import { life } from '../rig/interpreter.ts';
import { playbook } from '../rig/playbook.ts';

const kinds = {
  visit: { run: () => Promise.reject(new StepError('nobody answers', { code: 'unreachable' })) },
};

/** A run in which one item was left out and one was given up. */
async function eventsOf() {
  const { events } = await life(
    [
      { id: 'hosts', forEach: { in: ['db1'], tolerate: 1 }, steps: [{ id: 'go', uses: 'visit' }] },
      { id: 'disks', forEach: { in: ['sda'] }, steps: [{ id: 'mount', uses: 'visit' }] },
      {
        id: 'urls',
        forEach: { in: ['a', 'b'], tolerate: 2, batch: 2 },
        steps: [{ id: 'get', uses: 'visit' }],
      },
    ],
    { kinds, answers: { mount: { answer: 'giveUp', reason: 'its disk is gone' } } },
  );
  return events;
}

it('a report names each item without which the run went on, and why', async () => {
  const text = renderReport(await eventsOf(), { format: 'md' });
  expect(text).toContain('“hosts” went on without 1 item: db1 (nobody answers).');
  expect(text).toContain('“disks” went on without 1 item: sda (given up by ada, nobody answers).');
  expect(text).toContain('“urls” went on without 2 items: a (nobody answers), b (nobody answers).');
  expect(text).not.toContain('“go (db1)” failed');
});

it('for a program that reads tests, an item that was left out is skipped, not failed', async () => {
  const xml = renderReport(await eventsOf(), { format: 'junit' });
  expect(xml).toMatch(/go \(db1\)"[^>]*>\s*<skipped message="left out: nobody answers"/);
  expect(xml).not.toContain('<failure');
});

it('a call that failed and was tolerated is no item: the step that failed in it is told as ever', async () => {
  const called = playbook({ steps: [{ id: 'go', uses: 'visit', onFailure: 'abort' }] });
  const { events } = await life([{ id: 'call', playbook: called, onFailure: 'continue' }], { kinds });
  const text = renderReport(events, { format: 'md' });
  expect(text).toContain('“go” failed: nobody answers.');
  expect(text).not.toContain('went on without');
});
