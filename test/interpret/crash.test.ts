import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Matrix } from '../torture/crash/matrix.ts';
import type { Ending } from '../torture/crash/matrix.ts';

/** The crash matrix at its most delicate events; test/torture goes through all of them. */
const deaths = [
  ['step.started', 'flaky', 'killed'],
  ['step.checkpoint', 'restore', 'killed'],
  ['step.finished', 'restore', 'torn'],
  ['step.started', 'blind', 'killed'],
  ['step.finished', 'blind', 'torn'],
  ['step.checkpoint', 'deploy', 'killed'],
  ['step.finished', 'deploy', 'torn'],
  ['debt.settled', 'freeze', 'torn'],
] as const;

const matrix = new Matrix();
let whole: Ending;
beforeAll(async () => {
  whole = await matrix.run('succeeds', 'none');
});
afterAll(() => matrix.dispose());

describe('a run that is killed', () => {
  it.each(deaths)('at %s of %s (%s) ends as one that was never killed', async (type, key, death) => {
    const event = whole.events.find(
      (candidate) => candidate.type === type && 'key' in candidate && candidate.key === key,
    );
    const { state, effects } = await matrix.run('succeeds', death, event?.seq);
    expect(state).toEqual(whole.state);
    expect(effects).toEqual(whole.effects);
  });

  it('has every state of a step in it', () => {
    const outcomes = new Set(
      whole.events.flatMap((event) => (event.type === 'step.finished' ? [event.outcome] : [])),
    );
    expect([...outcomes].sort()).toEqual(['accepted', 'alreadyDone', 'skipped', 'succeeded']);
    expect(whole.effects).toEqual([...new Set(whole.effects)]);
  });
});
