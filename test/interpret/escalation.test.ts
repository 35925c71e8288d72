import { describe, expect, it } from 'vitest';
import type { FakeKind } from '../rig/fake-steps.ts';
import { endings, environment, life, ofType } from '../rig/interpreter.ts';

const hour: FakeKind = {
  run: async (_, { clock, signal }) => {
    await clock.sleep(3_600_000, signal);
    if (signal.aborted) throw new Error('broken off');
    return {};
  },
};

const escalating = environment('sandbox', {
  data: {
    contacts: { renderSupport: { email: 'support@render.com' } },
    escalation: [
      { level: 1, who: 'on-call engineer' },
      { level: 2, who: 'senior engineer', and: ['renderSupport'] },
    ],
  },
});

describe('a step that takes too long', () => {
  it('says so once over its `expect`, with who is called next', async () => {
    const { events, result } = await life([{ id: 'slow', uses: 'hour', expect: '10m' }], {
      kinds: { hour },
      environment: escalating,
    });
    expect(result).toEqual({ outcome: 'succeeded' });
    expect(ofType(events, 'step.overdue')).toMatchObject([
      { key: 'slow', expectMs: 600_000, contact: 'on-call engineer', level: 1 },
    ]);
  });

  it('fails over its `timeout`, and offers the levels of escalation one by one', async () => {
    const { events, operator } = await life([{ id: 'slow', uses: 'hour', timeout: '20m' }], {
      kinds: { hour },
      environment: escalating,
      answers: { slow: ['escalate', 'escalate', { answer: 'skip', reason: 'they do it' }] },
    });
    expect(
      operator.asked.map((question) => (question.type === 'failure' ? question.escalation : null)),
    ).toEqual([
      { level: 1, who: 'on-call engineer' },
      { level: 2, who: 'senior engineer, renderSupport (support@render.com)' },
      undefined,
    ]);
    expect(ofType(events, 'escalated').map(({ level, by }) => [level, by])).toEqual([
      [1, 'ada'],
      [2, 'ada'],
    ]);
    expect(endings(events)).toEqual({ slow: 'skipped/tolerated' });
  });

  it('is only said to be late where the environment names nobody', async () => {
    const { events, operator } = await life([{ id: 'slow', uses: 'hour', expect: '1m', timeout: '20m' }], {
      kinds: { hour },
      answers: { slow: { answer: 'skip', reason: 'no' } },
    });
    expect(ofType(events, 'step.overdue')[0]).not.toHaveProperty('contact');
    expect(operator.asked[0]?.choices).not.toContain('escalate');
  });
});

describe('a role', () => {
  it.each([
    ['dba', 'dba (Ada, +44 20)'],
    ['the one who knows', 'the one who knows'],
  ])('%s is shown at the gate as the environment knows it', async (by, shown) => {
    const { operator } = await life([{ id: 'w', uses: 'write', by, confirm: { message: 'Go?' } }], {
      kinds: { write: { effect: 'write' } },
      environment: environment('sandbox', { data: { roles: { dba: { name: 'Ada', phone: '+44 20' } } } }),
      answers: { w: 'go' },
    });
    expect(operator.asked[0]).toMatchObject({ type: 'gate', by: shown });
  });
});
