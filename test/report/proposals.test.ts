import { describe, expect, it } from 'vitest';
import { recordRun } from '../../engine/measure/record.ts';
import { summarize } from '../../engine/measure/summary.ts';
import { timeClasses } from '../../engine/measure/time.ts';
import type { EventBody } from '../../engine/model/event.ts';
import type { EnvironmentKind } from '../../engine/model/environment.ts';
import { proposalsOf, proposalText } from '../../engine/report/proposals.ts';
import { Story, started } from '../measure/rig.ts';

const begin = (kind: EnvironmentKind) => new Story().add(started({ environment: { name: kind, kind } }));

const start = (key: string, expectMs?: number): EventBody => ({
  type: 'step.started',
  key,
  title: `Title of ${key}`,
  kind: 'wait',
  effect: 'none',
  describe: '',
  args: {},
  digest: '',
  ...(expectMs !== undefined && { expectMs }),
});

const end = (key: string, more: object = {}): EventBody => ({
  type: 'step.finished',
  key,
  title: `Title of ${key}`,
  outcome: 'succeeded',
  conclusion: 'ok',
  ...more,
});

function texts(story: Story): readonly string[] {
  const { events } = story;
  const all = proposalsOf(recordRun(events), timeClasses(events), summarize(events, { writing: false }));
  return all.map(proposalText);
}

describe('an expectation', () => {
  it('is raised where the step took longer, rounded up to what can be known', () => {
    const story = begin('sandbox').add(start('a', 10_000)).wait(63_400).add(end('a'));
    expect(texts(story)).toEqual(['“Title of a”: expect 1m5s, not 10s']);
  });

  it('is never lowered by a sandbox, and is by the real world', () => {
    const short = (kind: EnvironmentKind) =>
      texts(begin(kind).add(start('a', 600_000)).wait(61_000).add(end('a')));
    expect(short('sandbox')).toEqual([]);
    expect(short('staging')).toEqual(['“Title of a”: expect 1m5s, not 10m']);
  });

  it('is made where there is none, in the real world, for what takes a while', () => {
    const story = begin('staging')
      .add(start('a'))
      .wait(12_000)
      .add(end('a'), start('b'))
      .wait(500)
      .add(end('b'));
    expect(texts(story)).toEqual(['“Title of a”: expect 15s']);
  });

  it('takes the longest of all items', () => {
    const story = begin('staging');
    for (const [item, millis] of [
      ['x', 12_000],
      ['y', 40_000],
      ['z', 11_000],
    ] as const) {
      story
        .add(start(`loop["${item}"]/a`))
        .wait(millis)
        .add(end(`loop["${item}"]/a`));
    }
    expect(texts(story)).toEqual(['“Title of loop["y"]/a”: expect 40s']);
  });

  it('counts the wait that the sandbox shortened', () => {
    const story = begin('sandbox')
      .add(start('a', 60_000), {
        type: 'step.activity',
        key: 'a',
        class: 'external',
        reason: 'r',
        modelledMs: 600_000,
      })
      .wait(3000)
      .add(end('a'));
    expect(texts(story)).toEqual(['“Title of a”: expect 10m, not 1m']);
  });

  it('is none of what only the playbook expects itself', () => {
    const asked: EventBody = { type: 'step.activity', key: 'a', class: 'external', reason: 'r' };
    const story = begin('sandbox').add(start('a', 61_000), asked).wait(3000).add(end('a'));
    expect(texts(story)).toEqual([]);
  });
});

describe('a remark', () => {
  it('says what a person did instead, when and why', () => {
    const story = begin('sandbox').add(end('a', { outcome: 'skipped', by: 'ann', reason: 'not needed' }));
    expect(texts(story)[0]).toMatch(/^“Title of a”: \d{4}-\d\d-\d\d drill: skipped by ann: not needed$/);
  });

  it('says by how much an objective was missed, with the waits that a sandbox shortened at their length', () => {
    const objectives = { rto: { targetMs: 60_000, from: 'detected', to: 'verified' } };
    const story = new Story().add(started({ objectives }));
    const mark = (name: string): EventBody => ({
      type: 'mark.set',
      mark: name,
      time: story.now.epochMicros,
      source: 'operator',
    });
    const asked: EventBody = { type: 'step.activity', key: 'a', class: 'external', reason: 'r' };
    story.add(mark('detected'), start('a', 300_000), asked).wait(3000).add(end('a')).add(mark('verified'));
    expect(texts(story)[0]).toMatch(/drill: missed by 4m 00s, it was 5m 00s$/);
  });

  it('is not made of a step that the playbook itself skipped', () => {
    expect(texts(begin('sandbox').add(end('a', { outcome: 'skipped' })))).toEqual([]);
  });

  it('keeps the notes of the operator', () => {
    const story = begin('sandbox').add({ type: 'note.added', text: 'The button moved', by: 'ann' });
    expect(texts(story)[0]).toMatch(/ ann: The button moved$/);
  });
});

it('a drill that came to its end was a review, a failed one was not', () => {
  const ended = (outcome: 'succeeded' | 'failed') =>
    texts(begin('sandbox').add({ type: 'run.finished', outcome }));
  expect(ended('succeeded')[0]).toMatch(/^reviewed on \d{4}-\d\d-\d\d/);
  expect(ended('failed')).toEqual([]);
});
