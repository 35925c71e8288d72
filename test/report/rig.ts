import type { EventBody } from '../../engine/model/event.ts';
import { START, Story, started } from '../measure/rig.ts';

const second = 1_000_000;

const step = (
  key: string,
  title: string,
  kind: string,
  effect: 'read' | 'write' | 'destructive',
): EventBody => ({
  type: 'step.started',
  key,
  title,
  kind,
  effect,
  describe: title,
  args: {},
  digest: '0',
});

const done = (key: string, title: string, more: object = {}): EventBody => ({
  type: 'step.finished',
  key,
  title,
  outcome: 'succeeded',
  conclusion: 'ok',
  ...more,
});

const phase = (key: string, title: string): EventBody => ({
  type: 'scope.entered',
  key,
  kind: 'phase',
  title,
});
const left = (key: string): EventBody => ({ type: 'scope.left', key, outcome: 'done' });

/** A drill in which nearly everything happens that a report can tell of. */
export function eventfulDrill(): Story {
  return new Story()
    .add(
      started({
        rehearsal: 'wholeDatabase',
        reason: 'Quarterly drill',
        objectives: {
          rto: { targetMs: 30 * 60_000, from: 'detected', to: 'verified' },
          rpo: { targetMs: 24 * 3_600_000, evidence: 'heartbeat' },
        },
        sources: [
          { role: 'playbook', path: 'playbooks/database-corruption.yaml', text: '', sha256: 'a'.repeat(64) },
        ],
      }),
    )
    .wait(8000)
    .add(
      {
        type: 'fault.injected',
        fault: 'postgres.corrupt-pages',
        description: 'Corrupted 12 pages of inspections',
        output: {},
      },
      { type: 'mark.set', mark: 'occurred', time: START + 8 * second, source: 'fault' },
    )
    .wait(2000)
    .add({ type: 'mark.set', mark: 'detected', time: START + 10 * second, source: 'detect' })
    .add(
      {
        type: 'check.proved',
        step: 'counts',
        title: 'The critical tables are there',
        verdict: 'red',
        reading: 'invalid page in block 3',
      },
      { type: 'check.proved', step: 'login', title: 'A user can log in', verdict: 'green', reading: '200' },
      {
        type: 'check.proved',
        step: 'worker',
        title: 'The worker is alive',
        verdict: 'notAimable',
        reading: '',
      },
      {
        type: 'input.answered',
        scope: '',
        name: 'corruptedAt',
        value: { $time: '2026-11-22T14:55:08.000Z' },
        by: 'ada',
      },
      phase('contain', 'Contain'),
      step('stopApi', 'Suspend the API', 'render.suspend', 'write'),
    )
    .wait(1500)
    .add(
      done('stopApi', 'Suspend the API'),
      { type: 'debt.opened', key: 'stopApi', title: 'Suspend the API', due: 'exit' },
      { type: 'mark.set', mark: 'fenced', time: START + 11.5 * second, key: 'fence', source: 'step' },
      done('fence', 'Nobody can write any more'),
      {
        type: 'recorded',
        key: 'leftBehind',
        name: 'newestLost',
        value: { $time: '2026-11-22T14:55:11.200Z' },
      },
      left('contain'),
      phase('recover', 'Recover'),
      step('restore', 'Restore to just before the corruption', 'render.recover-postgres', 'write'),
      {
        type: 'step.activity',
        key: 'restore',
        class: 'external',
        reason: 'the moment can be targeted',
        modelledMs: 600_000,
      },
    )
    .wait(12_000)
    .add({ type: 'step.activity', key: 'restore', class: 'machine' })
    .wait(20_000)
    .add({ type: 'step.checkpoint', key: 'restore', data: {} })
    .die(45_000)
    .add(
      { type: 'journal.repaired', bytes: 211 },
      { type: 'run.resumed', operator: 'bob', host: 'desktop', pid: 9, engine: '0.1.0', unattended: false },
    )
    .add(
      { type: 'step.inDoubt', key: 'restore', verdict: 'reattach' },
      { type: 'step.activity', key: 'restore', class: 'machine', reason: 're-attached' },
    )
    .wait(9000)
    .add(
      {
        type: 'recorded',
        key: 'restore',
        name: 'recoveryPoint',
        value: { $time: '2026-11-22T14:55:07.250Z' },
      },
      done('restore', 'Restore to just before the corruption'),
      {
        type: 'gate.opened',
        key: 'switch',
        gate: 'switch#1',
        question: { title: 'Point the API at the recovered database' },
      },
    )
    .wait(31_000)
    .add(
      { type: 'note.added', key: 'switch', text: 'Checked with the\nsupport \u001b[31mteam', by: 'bob' },
      {
        type: 'gate.answered',
        key: 'switch',
        gate: 'switch#1',
        answer: 'go',
        reason: 'the rows look right',
        by: 'bob',
      },
      step('switch', 'Point the API at the recovered database', 'render.set-env', 'destructive'),
    )
    .wait(700)
    .add(
      {
        type: 'step.attemptFailed',
        key: 'switch',
        attempt: 1,
        error: { code: '429', message: 'too many requests', changed: 'nothing', retryable: true },
        nextInMs: 3000,
      },
      { type: 'step.activity', key: 'switch', class: 'retry' },
    )
    .wait(3000)
    .add({ type: 'step.activity', key: 'switch', class: 'machine' })
    .wait(400)
    .add(
      {
        type: 'target.rebound',
        key: 'switch',
        path: 'databases.main',
        target: { $ref: 'render.postgres', id: 'dpg-new' },
      },
      done('switch', 'Point the API at the recovered database'),
      left('recover'),
      phase('verify', 'Verify'),
      step('health', 'The API answers', 'http.request', 'read'),
    )
    .wait(6000)
    .add(
      { type: 'mark.set', mark: 'verified', time: START + 138 * second, key: 'health', source: 'step' },
      done('health', 'The API answers'),
      { type: 'debt.settled', key: 'stopApi', how: 'settled' },
      {
        type: 'step.finished',
        key: 'mail',
        title: 'Tell the customers',
        outcome: 'skipped',
        conclusion: 'ok',
        by: 'bob',
        reason: 'it is a drill',
      },
      left('verify'),
      { type: 'loss.counted', acknowledged: 1204, lost: 3 },
      { type: 'run.finished', outcome: 'succeeded' },
    );
}
