import { describe, expect, it } from 'vitest';
import type { Event, EventBody } from '../../engine/model/event.ts';
import type { Signal } from '../../engine/model/signal.ts';
import { createJsonView } from '../../engine/present/jsonl.ts';
import { createPlainView } from '../../engine/present/plain.ts';
import { demoQuestions } from '../rig/demo-questions.ts';
import { EventStream, finished, left, phase, runStarted, START, started } from '../rig/event-stream.ts';

function plain(history: readonly Event[] = []): {
  readonly lines: string[];
  readonly event: (at: number, body: EventBody) => void;
  readonly signal: (at: number, signal: Signal) => void;
} {
  const lines: string[] = [];
  const stream = new EventStream();
  let now = 0;
  const view = createPlainView({
    write: (line) => lines.push(line),
    color: false,
    unicode: true,
    history,
    now: () => START + now,
  });
  return {
    lines,
    event: (at, body) => view.event(stream.at(at, body)),
    signal: (at, signal) => {
      now = at;
      view.signal(signal);
    },
  };
}

const gate = JSON.parse(JSON.stringify(demoQuestions().gate)) as Extract<
  EventBody,
  { type: 'gate.opened' }
>['question'];

describe('the plain view', () => {
  it('writes a line for each thing that happens, with the time since the run began', async () => {
    const { lines, event, signal } = plain();
    event(0, runStarted);
    event(500, { type: 'fault.injected', fault: 'f', description: '20 % of the pages', output: {} });
    event(600, { type: 'check.proved', step: 'c', title: 'Counts', verdict: 'green', reading: '' });
    event(1000, phase('a', 'Contain'));
    event(2000, started('s', 'Suspend the API', 'Suspend the service peakops-api', 60_000));
    event(2500, { type: 'step.activity', key: 's', class: 'external', reason: 'waits for the provider' });
    signal(3000, { type: 'reading', key: 's', state: 'notYet', text: '503', inARow: 0, stable: 2 });
    event(65_000, finished('s', 'Suspend the API'));
    event(65_000, { type: 'debt.opened', key: 's', title: 'Resume the API', due: 'exit' });
    event(66_000, { type: 'gate.opened', key: 'g', gate: '1', question: gate });
    event(70_000, {
      type: 'gate.answered',
      key: 'g',
      gate: '1',
      answer: 'decline',
      reason: 'not now',
      by: 'ada',
    });
    event(71_000, left('a', 'failed'));
    event(72_000, { type: 'debt.settled', key: 's', how: 'paid' });
    event(3_672_000, { type: 'run.finished', outcome: 'failed', reason: 'declined' });
    await expect(`${lines.join('\n')}\n`).toMatchFileSnapshot('screens/plain.txt');
  });

  it('writes a reading only when it changes', () => {
    const { lines, event, signal } = plain();
    event(0, runStarted);
    event(0, started('s', 'S'));
    const before = lines.length;
    for (const text of ['503', '503', '503', '200']) {
      signal(1000, { type: 'reading', key: 's', state: 'notYet', text, inARow: 0, stable: 1 });
    }
    expect(lines.slice(before).map((line) => line.trim())).toEqual([
      '0:01    · not yet: 503',
      '0:01    · not yet: 200',
    ]);
  });

  it('writes progress every few seconds at most', () => {
    const { lines, event, signal } = plain();
    event(0, started('s', 'S'));
    const before = lines.length;
    for (let done = 1; done <= 100; done += 1) {
      signal(done * 100, { type: 'progress', key: 's', done, total: 100, unit: 'rows' });
    }
    expect(lines.slice(before)).toHaveLength(2);
    expect(lines.at(-1)).toContain('51 of 100 rows (51%)');
  });

  it('shows the last lines of a step’s log when it fails, and only then', () => {
    const { lines, event, signal } = plain();
    event(0, started('s', 'Dump'));
    for (const line of ['a', 'b', 'c', 'permission denied']) signal(0, { type: 'log', key: 's', line });
    expect(lines).toHaveLength(1);
    event(1000, {
      type: 'step.finished',
      key: 's',
      title: 'Dump',
      outcome: 'failed',
      conclusion: 'failed',
      error: { code: '1', message: 'exit 1', hint: 'Look at the log.', changed: 'nothing', retryable: false },
    });
    expect(lines.slice(1).map((line) => line.slice(10))).toEqual([
      '  · b',
      '  · c',
      '  · permission denied',
      '✖ Dump  failed: exit 1  1.0s',
      '  · Look at the log.',
    ]);
  });

  it('does not tell again what a resumed run did before, and counts from its beginning', () => {
    const stream = new EventStream();
    const { lines, event } = plain([stream.at(0, runStarted), stream.at(1, phase('a', 'Contain'))]);
    event(61_000, { type: 'run.resumed', operator: 'bob', host: 'h', pid: 2, engine: '0', unattended: true });
    expect(lines).toEqual(['    1:01    · Resumed by bob']);
  });

  it('lets nobody forge a line or move the cursor', () => {
    const { lines, event } = plain();
    event(0, started('s', 'S\n    0:00  ✔ all done\u001B[2A'));
    expect(lines).toHaveLength(1);
    expect(lines.join()).not.toMatch(/[\u0000-\u001F]/);
  });
});

describe('the JSON view', () => {
  it('writes events as the journal holds them, one a line, and no signals', () => {
    const lines: string[] = [];
    const view = createJsonView((line) => lines.push(line));
    const event = new EventStream().at(0, runStarted);
    view.event(event);
    view.signal({ type: 'log', key: 's', line: 'noise' });
    expect(lines.map((line) => JSON.parse(line) as unknown)).toEqual([event]);
  });
});
