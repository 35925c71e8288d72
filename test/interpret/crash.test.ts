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

const sideBySide = [
  ['flow', 'step.started', 'both/right/four', 'killed'],
  ['flow', 'gate.opened', 'both/left/two', 'torn'],
  ['flow', 'step.finished', 'each[b%2Fc]/make', 'torn'],
  ['flow', 'loop.progressed', 'many', 'killed'],
  ['flow', 'scope.left', 'flow/hunt#2', 'killed'],
  ['flow', 'step.started', 'flow/hunt#2/copy', 'torn'],
  ['flow', 'step.finished', 'call', 'torn'],
  ['flow', 'branch.chosen', 'way', 'killed'],
  ['flow', 'step.finished', 'halt/all[a]/hold', 'torn'],
  ['flow', 'step.started', 'some[b%2Fc]/go', 'killed'],
  ['flow', 'step.finished', 'some[b%2Fc]/go', 'killed'],
  ['flow', 'step.finished', 'some[b%2Fc]/go', 'torn'],
  ['flow', 'debt.settled', 'halt/all[b%2Fc]/hold', 'torn'],
  ['aborts', 'step.finished', 'go', 'torn'],
  ['aborts', 'debt.settled', 'halt/all[a]/hold', 'killed'],
  ['aborts', 'debt.settled', 'halt/all[b%2Fc]/hold', 'torn'],
  ['aborts', 'debt.settled', 'halt/close', 'torn'],
  ['cancels', 'step.finished', 'both/failing/fatal', 'killed'],
  ['cancels', 'step.finished', 'both/waiting/poll', 'torn'],
  ['breaks', 'step.started', '!fault/damage', 'killed'],
  ['breaks', 'step.finished', '!fault2/more', 'torn'],
  ['breaks', 'step.finished', '!fault/always/mop', 'torn'],
  ['givenUp', 'step.started', '!fault/fatal', 'killed'],
  ['givenUp', 'step.started', '!fault/always/mop', 'killed'],
] as const;

const matrix = await Matrix.open();
let whole: Ending;
const others = new Map<string, Ending>();
beforeAll(async () => {
  whole = await matrix.run('succeeds', 'none');
  for (const name of ['flow', 'aborts', 'cancels', 'breaks', 'givenUp'])
    others.set(name, await matrix.run(name, 'none'));
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

  it.each(sideBySide)('in %s, at %s of %s (%s), ends so too', async (name, type, key, death) => {
    const other = others.get(name);
    const event = other?.events.find(
      (candidate) => candidate.type === type && 'key' in candidate && candidate.key === key,
    );
    const { state, effects } = await matrix.run(name, death, event?.seq);
    expect(state).toEqual(other?.state);
    expect(effects).toEqual(other?.effects);
    expect(effects).toEqual([...new Set(effects)]);
  });

  it('has every state of a step in it', () => {
    const outcomes = new Set(
      whole.events.flatMap((event) => (event.type === 'step.finished' ? [event.outcome] : [])),
    );
    expect([...outcomes].sort()).toEqual(['accepted', 'alreadyDone', 'skipped', 'succeeded']);
    expect(whole.effects).toEqual([...new Set(whole.effects)]);
  });
});
