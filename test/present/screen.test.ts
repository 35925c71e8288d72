import { describe, expect, it } from 'vitest';
import type { Event, EventBody } from '../../engine/model/event.ts';
import { applyEvent } from '../../engine/model/fold.ts';
import { screenFold } from '../../engine/present/fold.ts';
import type { Headline } from '../../engine/present/headline.ts';
import { NOTICED } from '../../engine/model/signal.ts';
import { headlineLines } from '../../engine/present/headline.ts';
import { questionPanel } from '../../engine/present/panel.ts';
import type { ScreenState } from '../../engine/present/screen-state.ts';
import { applySignal, initialScreenState } from '../../engine/present/screen-state.ts';
import type { OpenQuestion } from '../../engine/present/screen.ts';
import { renderScreen } from '../../engine/present/screen.ts';
import { lineWidth, plainLine } from '../../engine/present/text.ts';
import { createTheme } from '../../engine/present/theme.ts';
import { demoQuestions } from '../rig/demo-questions.ts';
import {
  EventStream,
  finished,
  left,
  manySteps,
  phase,
  runStarted,
  START,
  started,
} from '../rig/event-stream.ts';

const MINUTE = 60_000;
const theme = createTheme({ color: false, unicode: true });
const headline: Headline = {
  elapsedMs: 723_000,
  budgetMs: 30 * MINUTE,
  forecastMs: { p50: 14 * MINUTE, p90: 19 * MINUTE },
  mode: 'drill',
  playbook: 'database-corruption',
  environment: 'sandbox',
  openDebts: 1,
  progress: {
    at: 4,
    of: 12,
    atMost: false,
    next: ['Every table can be read', 'Point the API at the recovered database', 'Tell users'],
  },
};

const stateOf = (events: readonly Event[]): ScreenState =>
  events.reduce((state, event) => applyEvent(screenFold, state, event), initialScreenState);

/** In the middle of a recovery: one phase over, one open, a step that polls. */
function recovering(): ScreenState {
  const stream = new EventStream();
  const state = stateOf([
    stream.at(0, runStarted),
    stream.at(1000, phase('contain', 'Contain')),
    stream.at(2000, started('stop', 'Suspend the API so that nothing writes')),
    stream.at(4100, finished('stop', 'Suspend the API so that nothing writes')),
    stream.at(5000, left('contain')),
    stream.at(5000, phase('recover', 'Recover')),
    stream.at(6000, started('restore', 'Restore to just before the corruption, in a new database')),
    stream.at(90_000, finished('restore', 'Restore to just before the corruption, in a new database')),
    stream.at(
      91_000,
      started('health', 'The API answers', 'GET https://api.example.com/api/health/', 30_000),
    ),
  ]);
  const lines = ['connect ECONNREFUSED', 'HTTP 503', 'HTTP 200', 'HTTP 200'].map(
    (line) => ({ type: 'log', key: 'health', line }) as const,
  );
  const reading = {
    type: 'reading',
    key: 'health',
    state: 'notYet',
    text: '503',
    inARow: 1,
    stable: 3,
  } as const;
  return [...lines, reading].reduce(applySignal, state);
}

function screen(state: ScreenState, width: number, height: number, question?: OpenQuestion): string {
  const { lines } = renderScreen(state, {
    width,
    height,
    now: START + 100_000,
    theme,
    headline,
    tick: 0,
    ...(question !== undefined && { question }),
  });
  expect(lines.length + (question?.promptHeight ?? 0)).toBeLessThanOrEqual(height);
  for (const each of lines) expect(lineWidth(each)).toBeLessThanOrEqual(width);
  return `${lines.map(plainLine).join('\n')}\n`;
}

const gateAt = (width: number, scrolled = 0): OpenQuestion => ({
  panel: questionPanel(demoQuestions().gate, theme, width),
  scrolled,
  promptHeight: 7,
});

describe('the live screen', () => {
  it.each([120, 80, 40])('shows a recovery at %d columns', async (width) => {
    await expect(screen(recovering(), width, 24)).toMatchFileSnapshot(`screens/recovery-${width}.txt`);
  });

  it.each([120, 80, 40])('shows a gate at %d columns', async (width) => {
    const text = screen(recovering(), width, 40, gateAt(width));
    await expect(text).toMatchFileSnapshot(`screens/gate-${width}.txt`);
  });

  it('gives up details first and old lines next where it is low, never the headline or what runs', () => {
    const text = screen(recovering(), 80, 7);
    expect(text).toContain('elapsed');
    expect(text).toContain('▸ Recover');
    expect(text).toContain('⠋ The API answers');
    expect(text).not.toContain('HTTP 200');
  });

  it('is never higher than the terminal, at any size', () => {
    const state = recovering();
    for (let height = 1; height <= 30; height += 1) {
      for (const width of [10, 40, 79, 200]) {
        screen(state, width, height);
        screen(state, width, height, { ...gateAt(width), promptHeight: Math.min(7, height) });
      }
    }
  });

  it('lets a question that is too long be scrolled, and says so', () => {
    const top = screen(recovering(), 80, 16, gateAt(80));
    expect(top).toMatch(/… \d+ more lines: PgDn/);
    expect(top).toContain('gate  Point the API');
    const bottom = screen(recovering(), 80, 16, gateAt(80, 99));
    expect(bottom).toMatch(/… \d+ above: PgUp/);
    expect(bottom).toContain('why');
  });

  it('counts the steps of a long phase that it does not show', () => {
    const text = screen(stateOf(manySteps(950)), 80, 24);
    expect(text).toMatch(/… \d earlier\n✔ Phase \d[\s\S]*✔ Phase 9[\s\S]*▸ Phase 10[\s\S]*… \d\d earlier/);
    expect(text).toContain('Step number 950');
  });

  it('says what comes next in less room on a low screen, and not at all before what runs', () => {
    const next = (height: number): string[] =>
      screen(recovering(), 80, height)
        .split('\n')
        .filter((text) => /Every table|Tell users/.test(text));
    expect(next(24)).toHaveLength(2);
    expect(next(12)).toEqual([
      'next  Every table can be read · Point the API at the recovered database · Tell…',
    ]);
    expect(next(5)).toEqual([]);
  });

  it('says what a rehearsal does before the recovery begins', () => {
    const stream = new EventStream();
    const drill = { ...runStarted, rehearsal: 'wholeDatabase' };
    const world: EventBody = {
      type: 'world.started',
      address: {},
      environment: { role: 'environment', path: 'sandbox.yaml', text: '', sha256: '' },
    };
    const broken: EventBody = { type: 'fault.injected', fault: 'x', description: 'a page', output: {} };
    const mark = (name: string): EventBody => ({ type: 'mark.set', mark: name, time: 1, source: 'run' });
    const events: Event[] = [];
    const after = (body: EventBody): string => {
      events.push(stream.at(1000 * events.length, body));
      return screen(stateOf(events), 100, 24);
    };
    expect(after(drill)).toMatch(/⠋ The sandbox starts {2,}1:40/);
    expect(after(world)).toMatch(/⠋ Nothing is broken yet: first all has to be sound {2,}1:39/);
    expect(after(broken)).toContain('⠋ Until somebody would notice it');
    const noticed = applySignal(stateOf(events), { type: 'log', key: NOTICED, line: 'relation is gone' });
    expect(screen(noticed, 100, 24)).toContain('⠋ Each check of the result is tried');
    expect(screen(noticed, 100, 24)).toContain('relation is gone');
    expect(after(mark('declared'))).not.toContain('⠋');
  });

  it.each([
    [79, undefined, undefined],
    [39, undefined, 'Only 40 columns: titles are cut.'],
    [39, 'asked', 'Only 40 columns: titles are cut.'],
    [19, undefined, 'Only 20 columns: titles are cut.'],
    [19, 'asked', 'Only 20 columns: the run is hidden, not the question.'],
  ])('at %d columns, %s, says what it is too narrow for: %s', (width, asked, said) => {
    const text = screen(recovering(), width, 40, asked === undefined ? undefined : gateAt(width));
    const words = text.replaceAll(/\s+/g, ' ');
    if (said === undefined) expect(words).not.toContain('Only');
    else expect(words).toContain(said);
    if (asked !== undefined) expect(words).toContain('From here on the old database is no longer used.');
  });

  it('stays inside ASCII where the locale knows no more', () => {
    const { lines } = renderScreen(recovering(), {
      width: 80,
      height: 24,
      now: START,
      theme: createTheme({ color: false, unicode: false }),
      headline,
      tick: 0,
    });
    expect(lines.map(plainLine).join('\n')).toMatch(/^[\x00-\x7F]*$/);
  });
});

describe('the headline', () => {
  const text = (change: Partial<Headline>, width = 160): string =>
    headlineLines({ ...headline, ...change }, width, theme)
      .map(plainLine)
      .join('\n');

  it('keeps clock, budget left and forecast on one line', () => {
    expect(text({})).toBe(
      'drill database-corruption · sandbox    12:03 elapsed · 17:57 left of RTO 30m · forecast 14m (p90 19m) · step 4 of 12 · 1 debt',
    );
  });

  it('breaks between its parts where the terminal is narrow', () => {
    expect(text({}, 40)).toBe(
      'drill database-corruption · sandbox\n12:03 elapsed · 17:57 left of RTO 30m\nforecast 14m (p90 19m) · step 4 of 12\n1 debt',
    );
  });

  it('says early, in words and in red, that the RTO will be missed', () => {
    const missed = { forecastMs: { p50: 34 * MINUTE, p90: 50 * MINUTE } };
    expect(text(missed)).toContain('RTO will be missed by about 4m');
    const pieces = headlineLines({ ...headline, ...missed }, 160, theme).flat();
    expect(pieces.find((each) => each.text.includes('missed'))?.tone).toBe('bad');
  });

  it('says by how much the budget is exceeded, and what it counts from where there is room', () => {
    expect(text({ elapsedMs: 1_930_000 })).toContain('RTO 30m exceeded by 2:10');
    expect(text({ budgetFrom: 'detected' })).toContain('left of RTO 30m from detected');
  });

  it('has no clock before the disaster, but what it will run against', () => {
    expect(text({ waits: 'the clock starts with the disaster', openDebts: 0 })).toBe(
      'drill database-corruption · sandbox    the clock starts with the disaster · RTO 30m · forecast 14m (p90 19m) · step 4 of 12',
    );
  });

  it('says that the number of steps depends on what is chosen', () => {
    expect(text({ progress: { at: 1, of: 9, atMost: true, next: [] } })).toContain('step 1 of up to 9');
  });

  it('does without a budget and a forecast', () => {
    const bare: Headline = {
      elapsedMs: 723_000,
      mode: 'drill',
      playbook: 'database-corruption',
      environment: 'sandbox',
      openDebts: 0,
    };
    expect(headlineLines(bare, 80, theme).map(plainLine)).toEqual([
      'drill database-corruption · sandbox    12:03 elapsed',
    ]);
  });
});
