import { describe, expect, it } from 'vitest';
import { environment, life, ofType } from '../rig/interpreter.ts';
import type { LifeOptions } from '../rig/interpreter.ts';

const PEOPLE = {
  ada: { name: 'Ada', roles: ['incidentCommander'] },
  ben: { name: 'Ben', roles: ['dataOwner'] },
  cleo: { roles: ['dataOwner'] },
};

const gated = (by: string, reply: object, more: Partial<LifeOptions> = {}) =>
  life([{ id: 'leave', uses: 'write', by, confirm: { message: 'The old side is left.' } }], {
    kinds: { write: { effect: 'write' } },
    mode: 'recover',
    environment: environment('sandbox', { data: { people: PEOPLE } }),
    answers: { leave: reply as never },
    ...more,
  });

const answered = (events: Parameters<typeof ofType>[0]) => ofType(events, 'gate.answered').at(-1);

describe('a decision that only some may make', () => {
  it('names at the gate who they are', async () => {
    const { operator } = await gated('dataOwner', { answer: 'go', values: { saidBy: 'Ben' } });
    expect(operator.asked[0]).toMatchObject({
      by: 'dataOwner (Ben, cleo)',
      role: { name: 'dataOwner', people: ['Ben', 'cleo'] },
    });
  });

  it('is kept with the one of them who made it, and who answered for them', async () => {
    const { result, events, operator } = await gated('dataOwner', {
      answer: 'go',
      values: { saidBy: 'Ben' },
    });
    expect(result).toEqual({ outcome: 'succeeded' });
    expect(answered(events)).toMatchObject({
      by: operator.name,
      role: { name: 'dataOwner', person: 'Ben' },
    });
  });

  it.each([[{}], [{ saidBy: 'Ada' }], [{ saidBy: 'Eve' }]])('is nobody else’s: %o', async (values) => {
    const { result, steps } = await gated('dataOwner', { answer: 'go', values });
    expect(result).toMatchObject({ error: { name: 'OperatorNeeded' } });
    expect(steps.count('write')).toBe(0);
  });

  it('is made by whoever performs, where they have the role', async () => {
    const people = { me: { name: 'ada', roles: ['incidentCommander'] } };
    const { events, operator } = await gated(
      'incidentCommander',
      { answer: 'go' },
      { environment: environment('sandbox', { data: { people } }) },
    );
    expect(operator.name).toBe('ada');
    expect(answered(events)).toMatchObject({ by: 'ada', role: { name: 'incidentCommander', person: 'ada' } });
  });

  it('holds up no exercise, and no declining', async () => {
    const drill = await gated('dataOwner', { answer: 'go' }, { mode: 'drill' });
    expect(drill.result).toEqual({ outcome: 'succeeded' });
    expect(answered(drill.events)?.role).toBeUndefined();
    const declined = await gated('dataOwner', { answer: 'decline', reason: 'too much is lost' });
    expect(answered(declined.events)).toMatchObject({ answer: 'decline' });
  });

  it('may be named by roles instead, by short names too', async () => {
    const roles = { dataOwner: ['ada', 'Dora'] };
    const { operator } = await gated(
      'dataOwner',
      { answer: 'go', values: { saidBy: 'Dora' } },
      {
        environment: environment('sandbox', { data: { people: { ada: { name: 'Ada' } }, roles } }),
      },
    );
    expect(operator.asked[0]).toMatchObject({ role: { people: ['Ada', 'Dora'] } });
  });
});
