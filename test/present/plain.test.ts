import { describe, expect, it } from 'vitest';
import type { Event, EventBody } from '../../engine/model/event.ts';
import type { Signal } from '../../engine/model/signal.ts';
import { createJsonView } from '../../engine/present/jsonl.ts';
import type { Question } from '../../engine/model/ports.ts';
import { applyEvent } from '../../engine/model/fold.ts';
import { NOTICED } from '../../engine/model/signal.ts';
import { bodyLines } from '../../engine/present/body.ts';
import { screenFold } from '../../engine/present/fold.ts';
import { headlineLines } from '../../engine/present/headline.ts';
import type { Headline } from '../../engine/present/headline.ts';
import { questionPanel } from '../../engine/present/panel.ts';
import { createPlainView } from '../../engine/present/plain.ts';
import { applySignal, initialScreenState } from '../../engine/present/screen-state.ts';
import { plainLine } from '../../engine/present/text.ts';
import { createTheme } from '../../engine/present/theme.ts';
import { demoQuestions } from '../rig/demo-questions.ts';
import { EventStream, finished, left, phase, runStarted, START, started } from '../rig/event-stream.ts';

function plain(
  history: readonly Event[] = [],
  headline?: () => Headline,
): {
  readonly lines: string[];
  readonly asked: (question: Question) => void;
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
    ...(headline !== undefined && { headline }),
  });
  return {
    lines,
    asked: (question) => view.asked(question),
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

const theme = createTheme({ color: false, unicode: true });
const WIDE = 10_000;
const headline: Headline = {
  elapsedMs: 723_000,
  budgetMs: 1_800_000,
  budgetFrom: 'detected',
  forecastMs: { p50: 840_000, p90: 1_140_000 },
  mode: 'drill',
  playbook: 'database-corruption',
  environment: 'sandbox',
  openDebts: 2,
  progress: { at: 4, of: 12, atMost: true, next: ['Every table can be read', 'Point the API', 'Tell users'] },
};

describe('beside the live screen, the plain view', () => {
  it.each(Object.entries(demoQuestions()))('says all that a question says: %s', (_, question) => {
    const { lines, event, asked } = plain();
    const { key, title, type } = question;
    event(0, { type: 'gate.opened', key, gate: '1', question: { type, title } });
    asked(question);
    const [shown = [], ...facts] = questionPanel(question, theme, WIDE).map(plainLine).filter(Boolean);
    expect(lines[0]).toContain(String(shown).replace(/ {2}/, ': '));
    expect(lines).toEqual(expect.arrayContaining(facts));
    // What the live screen has in its menu.
    const menu = [
      ...question.choices,
      ...(question.type === 'manual' ? question.items : []),
      ...(question.type === 'branch' ? question.branches.map((branch) => branch.title) : []),
      ...(question.type === 'input' ? question.input.options.map(({ label }) => label) : []),
    ];
    for (const each of menu) expect(lines.slice(1).join('\n')).toContain(each);
  });

  it('says all that stands in the headline, and what comes next, at each phase and each question', () => {
    const [wide = []] = headlineLines(headline, WIDE, theme);
    const parts = plainLine(wide)
      .split(/ {4}| · /)
      .slice(2);
    expect(parts).toHaveLength(5);
    const told = [...parts, ...(headline.progress?.next ?? [])];
    for (const body of [
      phase('a', 'Contain'),
      { type: 'gate.opened', key: 'g', gate: '1', question: gate },
    ] as const) {
      const { lines, event } = plain([], () => headline);
      event(0, body);
      for (const each of told) expect(lines.join('\n')).toContain(each);
    }
    const { lines, event } = plain([], () => headline);
    event(0, started('s', 'S'));
    expect(lines).toHaveLength(1);
    event(0, phase('a', 'Contain'));
    event(0, phase('b', 'Stop who writes'));
    expect(lines.filter((each) => each.includes('next: '))).toHaveLength(1);
  });

  it('has a line for whatever the live screen shows, event by event', () => {
    const { lines, event, signal } = plain();
    const stream = new EventStream();
    let state = initialScreenState;
    const missing: string[] = [];
    const compare = (): void => {
      const said = lines.join('\n');
      const shown = bodyLines(state, { width: WIDE, height: 200, now: START, theme, tick: 0 }).map(plainLine);
      missing.push(...shown.flatMap(pieces).filter((each) => !said.includes(each)));
    };
    const happens = (at: number, body: EventBody): void => {
      state = applyEvent(screenFold, state, stream.at(at, body));
      event(at, body);
      compare();
    };
    const says = (at: number, told: Signal): void => {
      state = applySignal(state, told);
      signal(at, told);
      compare();
    };
    happens(0, { ...runStarted, rehearsal: 'whole' });
    says(100, { type: 'log', key: 'world', line: 'PostgreSQL is being started' });
    happens(500, { type: 'fault.injected', fault: 'f', description: '20 % of the pages', output: {} });
    says(550, { type: 'log', key: NOTICED, line: 'relation is gone' });
    happens(600, { type: 'check.proved', step: 'c', title: 'Counts', verdict: 'green', reading: '' });
    happens(700, { type: 'mark.set', mark: 'declared', time: 1, source: 'run' });
    happens(1000, phase('a', 'Contain'));
    happens(2000, started('s', 'Suspend the API', 'Suspend the service peakops-api', 60_000));
    happens(2500, { type: 'step.activity', key: 's', class: 'external', reason: 'waits for the provider' });
    says(3000, { type: 'reading', key: 's', state: 'notYet', text: '503', inARow: 1, stable: 2 });
    says(3500, { type: 'progress', key: 's', done: 3, total: 9, unit: 'files' });
    happens(4000, {
      type: 'step.attemptFailed',
      key: 's',
      attempt: 1,
      error: { code: '1', message: 'connection refused', changed: 'nothing', retryable: true },
      nextInMs: 5000,
    });
    happens(65_000, finished('s', 'Suspend the API'));
    happens(66_000, { type: 'gate.opened', key: 'g', gate: '1', question: gate });
    happens(70_000, { type: 'gate.answered', key: 'g', gate: '1', answer: 'go', by: 'ada' });
    happens(71_000, { type: 'note.added', text: 'the phone rang', by: 'ada' });
    happens(72_000, left('a', 'failed'));
    happens(73_000, { type: 'run.finished', outcome: 'failed', reason: 'declined' });
    expect(missing).toEqual([]);
  });
});

/** What a line of the live screen says, without what moves: clocks, spinners and marks. */
const pieces = (shown: string): readonly string[] =>
  shown
    .split(/ {2,}| · |; again in .*|^\s*\S (?=\S)/)
    .map((each) => each.replace(/^[^a-zA-Z0-9"]+ /, '').trim())
    .filter((each) => /[a-z]{3}/.test(each) && !/^\d*:?\d+:\d\d|waits for you|earlier$/.test(each));

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
