import { describe, expect, it } from 'vitest';
import { abandonment } from '../../engine/interpret/abandon.ts';
import { summarize } from '../../engine/measure/summary.ts';
import type { EventBody } from '../../engine/model/event.ts';
import { Story, started, stepFinished, stepStarted } from '../measure/rig.ts';
import { playbook } from '../rig/playbook.ts';

const why = { reason: 'abandoned: the laptop is gone', by: 'ada' };

const debt = (key: string, title: string, due: 'abort' | 'exit'): EventBody => ({
  type: 'debt.opened',
  key,
  title,
  due,
});

describe('a run that is abandoned', () => {
  const owing = new Story().add(
    started(),
    debt('stop', 'Stop the API', 'exit'),
    debt('make', 'Make a copy', 'abort'),
    debt('freeze', 'Freeze deploys', 'exit'),
    { type: 'debt.settled', key: 'freeze', how: 'paid' },
  );

  it('ends as aborted, and what it owes is told and written down as left open', () => {
    const left = abandonment(owing.events, why);
    expect(left).toMatchObject({ debts: ['Stop the API'], undos: ['Make a copy'], inDoubt: [], beside: [] });
    const ended = new Story().add(...owing.events, ...left.events).events;
    expect(ended.at(-1)).toMatchObject({ type: 'run.finished', outcome: 'aborted', reason: why.reason });
    expect(summarize(ended)).toMatchObject({
      state: 'finished',
      exitCode: 3,
      resumable: false,
      openDebts: 2,
    });
  });

  it('keeps the reason of an abort that had begun', () => {
    const aborting = new Story().add(...owing.events, {
      type: 'abort.begun',
      reason: 'the wrong playbook',
      by: 'bob',
      undo: true,
    });
    const types = abandonment(aborting.events, why).events.map(({ type }) => type);
    expect(types).not.toContain('abort.begun');
  });

  it('names what was begun and of which nobody knows what became, unless it only reads', () => {
    const writing = { ...stepStarted('row', 'Write the row'), effect: 'write' } as EventBody;
    const { events } = new Story().add(started(), stepStarted('look', 'Look'), writing);
    expect(abandonment(events, why).inDoubt).toEqual(['Write the row']);
    const ended = new Story().add(...events, stepFinished('row')).events;
    expect(abandonment(ended, why).inDoubt).toEqual([]);
  });

  it('says that what a lost part of the journal began is in none of its lists', () => {
    const repaired: EventBody = {
      type: 'journal.repaired',
      bytes: 0,
      head: { seq: 4, hash: 'a'.repeat(64) },
    };
    expect(abandonment(new Story().add(started(), repaired).events, why).isPartLost).toBe(true);
    const torn: EventBody = { type: 'journal.repaired', bytes: 12 };
    expect(abandonment(new Story().add(started(), torn).events, why).isPartLost).toBe(false);
  });

  it('names processes beside it that nobody saw end', () => {
    const book = playbook({
      steps: [{ id: 'tunnel', title: 'Open the tunnel', uses: 'shell', background: {} }],
    });
    const { events } = new Story().add(started(), stepStarted('tunnel', 'Open the tunnel'));
    expect(abandonment(events, why, book).beside).toEqual(['Open the tunnel']);
    const ended = new Story().add(...events, {
      type: 'background.changed',
      key: 'tunnel',
      title: 'Open the tunnel',
      state: 'ended',
    });
    expect(abandonment(ended.events, why, book).beside).toEqual([]);
  });
});

describe('what is owed', () => {
  it('is a debt that is not paid, and only after an abort what was to be taken back', () => {
    const story = new Story().add(
      started(),
      debt('stop', 'Stop the API', 'exit'),
      debt('make', 'Make a copy', 'abort'),
    );
    expect(summarize(story.events).openDebts).toBe(1);
    story.add({ type: 'abort.begun', reason: 'enough', by: 'ada', undo: true });
    expect(summarize(story.events).openDebts).toBe(2);
  });
});
