import { describe, expect, it } from 'vitest';
import { encodeValue } from '../../engine/base/value.ts';
import { StepError } from '../../engine/model/kind.ts';
import { value } from '../rig/fake-operator.ts';
import { endings, life, ofType } from '../rig/interpreter.ts';
import { playbook } from '../rig/playbook.ts';

const echo = { run: (args: object) => Promise.resolve({ ...args }) };
const fails = { run: () => Promise.reject(new StepError('no', { code: 'no' })) };

describe('phases', () => {
  it('group steps and add nothing to their keys', async () => {
    const { events } = await life(
      [{ phase: 'Contain', steps: [{ phase: 'Inner', steps: [{ id: 'a', uses: 'echo' }] }] }],
      { kinds: { echo } },
    );
    expect(ofType(events, 'scope.entered').map(({ key }) => key)).toEqual(['contain', 'contain/inner']);
    expect(endings(events)).toEqual({ a: 'succeeded/ok' });
  });

  it('are left out when their `when` is false, and their steps count as skipped', async () => {
    const { events } = await life(
      [
        { phase: 'Contain', when: 'false', steps: [{ id: 'a', uses: 'echo' }] },
        { id: 'b', uses: 'echo', when: 'steps.a.outcome == "skipped"' },
      ],
      { kinds: { echo } },
    );
    expect(ofType(events, 'scope.left')[0]).toMatchObject({ key: 'contain', outcome: 'skipped' });
    expect(endings(events)).toEqual({ b: 'succeeded/ok' });
  });
});

describe('a condition that cannot be evaluated', () => {
  it.each([
    ['accept', ['a echo']],
    ['skip', []],
  ] as const)('leaves it to the operator whether a phase is entered: %s', async (answer, runs) => {
    const { operator, steps } = await life(
      [
        { id: 'gone', uses: 'echo', when: 'false' },
        { phase: 'Contain', when: 'steps.gone.output.n > 1', steps: [{ id: 'a', uses: 'echo' }] },
      ],
      { kinds: { echo }, answers: { contain: answer } },
    );
    expect(operator.asked[0]).toMatchObject({
      type: 'failure',
      title: 'Contain',
      error: { code: 'evaluation' },
    });
    expect(steps.runs).toEqual(runs);
  });

  it('makes the operator give an input that the caller could not', async () => {
    const called = playbook({ id: 'sub', inputs: { n: {} }, steps: [] });
    const { operator, result } = await life(
      [
        { id: 'gone', uses: 'echo', when: 'false' },
        { id: 'call', playbook: called, inputs: { n: '${{ steps.gone.output.n }}' } },
      ],
      { kinds: { echo }, answers: { n: value(1) } },
    );
    expect(operator.asked[0]).toMatchObject({ type: 'input', key: 'call/input/n' });
    expect(operator.asked[0]?.why).toBeDefined();
    expect(result).toEqual({ outcome: 'succeeded' });
  });
});

describe('verification', () => {
  const verify = (onFailure?: 'continue') => [
    { id: 'serve', uses: 'echo', mark: ['serving'] },
    {
      phase: 'Verify',
      steps: [{ id: 'check', uses: 'echo', assert: [{ that: 'false' }], ...(onFailure && { onFailure }) }],
    },
  ];

  it('that fails ends the run as failedVerification when the run goes on with it', async () => {
    const accepted = await life(verify(), { kinds: { echo }, answers: { check: 'accept' } });
    expect(accepted.result).toEqual({ outcome: 'failedVerification' });
    const continued = await life(verify('continue'), { kinds: { echo } });
    expect(continued.result).toEqual({ outcome: 'failedVerification' });
    expect(ofType(continued.events, 'step.finished').at(-1)).toMatchObject({ verification: true });
  });

  it('that is left red takes back the mark `serving`', async () => {
    const { events } = await life(verify('continue'), { kinds: { echo } });
    expect(
      ofType(events, 'mark.set')
        .filter(({ mark }) => mark === 'serving')
        .at(-1)?.time,
    ).toBeNull();
  });

  it('elsewhere a failure that is tolerated does not matter', async () => {
    const { result } = await life(
      [{ id: 'check', uses: 'echo', assert: [{ that: 'false' }], onFailure: 'continue' }],
      { kinds: { echo } },
    );
    expect(result).toEqual({ outcome: 'succeeded' });
  });

  it('is also a step with the mark `verified`, wherever it stands', async () => {
    const { result } = await life(
      [{ id: 'check', uses: 'fails', mark: ['verified'], onFailure: 'continue' }],
      { kinds: { fails } },
    );
    expect(result).toEqual({ outcome: 'failedVerification' });
  });
});

describe('choose', () => {
  const branches = {
    tables: { steps: [{ id: 'some', uses: 'echo' }], outputs: { how: 'tables' } },
    database: { steps: [{ id: 'all', uses: 'echo' }], outputs: { how: '${{ steps.all.outcome }}' } },
  };
  const after = { id: 'after', uses: 'echo', with: { how: '${{ steps.path.output.how }}' } };

  it('takes the branch that `pick` names; every branch gives the same outputs', async () => {
    const { events, steps } = await life(
      [{ id: 'path', choose: { pick: '"data" + "base"', branches } }, after],
      { kinds: { echo } },
    );
    expect(steps.runs).toEqual(['all echo', 'after echo']);
    expect(ofType(events, 'branch.chosen')[0]).toMatchObject({
      key: 'path',
      branch: 'database',
      by: 'engine',
    });
    expect(ofType(events, 'step.finished').at(-1)?.output).toEqual({ how: 'succeeded' });
  });

  it('asks the operator, who sees the branches that are open and the default', async () => {
    const { operator, events } = await life(
      [
        {
          id: 'path',
          choose: {
            prompt: 'How much is corrupted?',
            default: '"tables"',
            branches: { ...branches, third: { when: 'false', steps: [] } },
          },
        },
      ],
      { kinds: { echo }, answers: { path: { answer: 'branch', values: { branch: 'tables' } } } },
    );
    expect(operator.asked[0]).toMatchObject({
      type: 'branch',
      title: 'How much is corrupted?',
      branches: [{ name: 'tables' }, { name: 'database' }],
      default: 'tables',
    });
    expect(endings(events)).toEqual({ some: 'succeeded/ok' });
  });

  it('asks the operator when `pick` gives no branch, and says why', async () => {
    const { operator } = await life([{ id: 'path', choose: { pick: '"moon"', branches } }], {
      kinds: { echo },
      answers: { path: { answer: 'branch', values: { branch: 'tables' } } },
    });
    expect(operator.asked[0]?.why).toBe('pick gives moon, which is no branch that is open');
  });

  it('can be left for another branch after a failure', async () => {
    const steps = [
      {
        id: 'path',
        choose: {
          pick: '"wait"',
          branches: {
            wait: { steps: [{ id: 'heal', uses: 'fails', onFailure: { branch: 'migrate' } }] },
            migrate: { steps: [{ id: 'move', uses: 'echo' }] },
          },
        },
      },
    ];
    const { events, result } = await life(steps, { kinds: { echo, fails } });
    expect(result).toEqual({ outcome: 'succeeded' });
    expect(ofType(events, 'branch.chosen').map(({ branch }) => branch)).toEqual(['wait', 'migrate']);
    expect(endings(events)).toEqual({ heal: 'failed/tolerated', move: 'succeeded/ok' });
  });
});

describe('a called playbook', () => {
  const called = playbook({
    id: 'restore',
    inputs: { at: {}, depth: { default: 3 } },
    steps: [
      {
        id: 'work',
        uses: 'echo',
        with: { at: '${{ inputs.at }}', depth: '${{ inputs.depth }}' },
        mark: ['restored'],
      },
    ],
    always: [{ id: 'clean', uses: 'echo' }],
    outputs: { at: '${{ steps.work.output.at }}' },
  });

  it('has inputs, results and outputs of its own; its marks belong to the run', async () => {
    const { events } = await life(
      [
        { id: 'work', uses: 'echo', with: { mine: true } },
        { id: 'restore', playbook: called, inputs: { at: '${{ steps.work.output.mine }}' } },
        { id: 'after', uses: 'echo', with: { at: '${{ steps.restore.output.at }}' } },
      ],
      { kinds: { echo } },
    );
    expect(endings(events)).toEqual({
      work: 'succeeded/ok',
      'restore/work': 'succeeded/ok',
      'restore/always/clean': 'succeeded/ok',
      after: 'succeeded/ok',
    });
    expect(ofType(events, 'step.finished').at(-1)?.output).toEqual({ at: true });
    expect(ofType(events, 'input.answered')).toMatchObject([
      { scope: 'restore', name: 'at', value: true, by: 'test' },
      { scope: 'restore', name: 'depth', value: 3 },
    ]);
    expect(ofType(events, 'mark.set').map(({ mark }) => mark)).toContain('restored');
  });

  it('asks for an input that it is not given', async () => {
    const { operator } = await life([{ id: 'restore', playbook: called }], {
      kinds: { echo },
      answers: { at: value('now') },
    });
    expect(operator.questions).toEqual(['input restore/input/at']);
  });

  it('may fail without ending the run where the call says so, and does its `always` first', async () => {
    const broken = playbook({
      id: 'broken',
      steps: [{ id: 'work', uses: 'fails', onFailure: 'abort' }],
      always: [{ id: 'clean', uses: 'echo' }],
    });
    const { result, steps } = await life(
      [
        { id: 'sub', playbook: broken, onFailure: 'continue' },
        { id: 'after', uses: 'echo', when: 'steps.sub.outcome == "failed"' },
      ],
      { kinds: { echo, fails } },
    );
    expect(result).toEqual({ outcome: 'succeeded' });
    expect(steps.runs).toEqual(['sub/work fails', 'sub/always/clean echo', 'after echo']);
  });
});

describe('inputs', () => {
  it('are asked for in order, checked and journaled', async () => {
    const { operator, events } = await life(
      {
        inputs: {
          size: {
            type: 'number',
            default: 3,
            check: { that: 'value < 10', else: '${{ value }} is too much' },
          },
          name: {},
        },
        steps: [{ id: 'a', uses: 'echo', with: { size: '${{ inputs.size }}', name: '${{ inputs.name }}' } }],
      },
      { kinds: { echo }, answers: { size: value(7), name: value('x') } },
    );
    const [size] = operator.asked;
    expect(size).toMatchObject({ type: 'input', key: 'input/size', default: 3 });
    expect(size?.type === 'input' ? [size.check(12), size.check(4)] : []).toEqual([
      '12 is too much',
      undefined,
    ]);
    expect(ofType(events, 'step.started')[0]?.args).toEqual({ size: 7, name: 'x' });
  });

  it('that were given beforehand and are wrong end the run', async () => {
    const { result, steps } = await life(
      { inputs: { n: { check: { that: 'value > 1' } } }, steps: [{ id: 'a', uses: 'echo' }] },
      { kinds: { echo }, answers: { n: value(1) } },
    );
    expect(result).toEqual({ outcome: 'failed' });
    expect(steps.runs).toEqual([]);
  });
});

describe('the marks of a run', () => {
  it('declared, started and closed are set by the run itself', async () => {
    const { events } = await life([{ id: 'a', uses: 'echo' }], { kinds: { echo } });
    expect(ofType(events, 'mark.set').map(({ mark }) => mark)).toEqual(['declared', 'started', 'closed']);
  });

  it('in a recovery the operator says when it happened and when it was noticed', async () => {
    const { Instant } = await import('../../engine/base/instant.ts');
    const at = Instant.parse('2026-01-05T09:00:00Z')!;
    const seen = Instant.parse('2026-01-05T09:30:00Z')!;
    const { operator, events } = await life(
      {
        objectives: { rto: { targetMs: 1, from: 'detected', to: 'verified' } },
        steps: [{ id: 'a', uses: 'echo', record: { since: '${{ run.occurredAt }}' } }],
      },
      {
        kinds: { echo },
        mode: 'recover',
        answers: { 'mark/occurred': value(at), 'mark/detected': value(seen) },
      },
    );
    const [, detected] = operator.asked;
    expect(operator.questions).toEqual(['input mark/occurred', 'input mark/detected']);
    expect(detected).not.toHaveProperty('default');
    expect(detected?.type === 'input' && detected.check(Instant.parse('2026-01-05T08:00:00Z')!)).toBe(
      'lies before it happened',
    );
    expect(ofType(events, 'mark.set').filter(({ source }) => source === 'operator')).toMatchObject([
      { mark: 'occurred', time: at.epochMicros },
      { mark: 'detected', time: seen.epochMicros },
    ]);
    expect(ofType(events, 'recorded')).toMatchObject([{ name: 'since', value: encodeValue(at) }]);
  });
});

describe('a procedure that is measured from its own beginning', () => {
  it('asks nobody when it happened', async () => {
    const { operator, events } = await life(
      {
        objectives: { rto: { targetMs: 1, from: 'declared', to: 'verified' } },
        steps: [{ id: 'a', uses: 'echo', record: { since: '${{ run.occurredAt }}' } }],
      },
      { kinds: { echo }, mode: 'recover' },
    );
    expect(operator.questions).toEqual([]);
    expect(ofType(events, 'recorded')).toMatchObject([{ name: 'since', value: null }]);
  });
});

describe('computed values', () => {
  it('are worked out where they are used, from what is known there', async () => {
    const { events } = await life(
      {
        let: { base: '${{ inputs.n * 10 }}', sum: '${{ vars.base + steps.a.output.n }}' },
        inputs: { n: { type: 'number', default: 4 } },
        steps: [
          { id: 'a', uses: 'echo', with: { n: '${{ vars.base + 1 }}' } },
          { id: 'b', uses: 'echo', with: { n: '${{ vars.sum }}' } },
        ],
      },
      { kinds: { echo: { run: (args) => Promise.resolve({ ...args }) } }, answers: { n: value(4) } },
    );
    expect(ofType(events, 'step.started').map(({ args }) => args)).toEqual([{ n: 41 }, { n: 81 }]);
  });
});
