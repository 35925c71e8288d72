/**
 * A made-up drill for trying the screens without a sandbox:
 *
 *     npx tsc -p . --noEmit false --outDir node_modules/.cache/demo
 *     node node_modules/.cache/demo/test/rig/demo-run.js [--plain | --json] [--steps N] [--only gate,failure]
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { Instant } from '../../engine/base/instant.ts';
import { systemClock } from '../../engine/cli/clock.ts';
import type { Event, EventBody } from '../../engine/model/event.ts';
import type { Signal } from '../../engine/model/signal.ts';
import type { Answer, Operator, Question, View } from '../../engine/model/ports.ts';
import type { Headline } from '../../engine/present/headline.ts';
import { demoQuestions } from './demo-questions.ts';
import { EventStream, finished, left, manySteps, phase, runStarted, started } from './event-stream.ts';

const MINUTE = 60_000;

/** Runs the demo: what happens is shown on the view, what is asked is asked of the operator. */
export async function demoRun(
  view: View,
  operator: Operator,
  options: { readonly pause: AbortSignal; readonly speed: number; readonly only?: readonly string[] },
): Promise<void> {
  const begun = Date.now();
  const stream = new EventStream(begun);
  const emit = (body: EventBody): void => view.event(stream.at(Date.now() - begun, body));
  const signal = (each: Signal): void => view.signal(each);
  const wait = (millis: number): Promise<void> => sleep(millis / options.speed);
  const ask = async (question: Question, stop?: AbortSignal): Promise<Answer | undefined> => {
    if (options.only !== undefined && !options.only.includes(question.type)) return undefined;
    const gate = question.key;
    emit({
      type: 'gate.opened',
      key: question.key,
      gate,
      question: JSON.parse(JSON.stringify(question)) as never,
    });
    const signals = stop === undefined ? [options.pause] : [options.pause, stop];
    const answer = await operator.ask(question, AbortSignal.any(signals)).catch((error: unknown) => {
      if (stop?.aborted === true) return { answer: 'done', reason: 'its effect was seen' } as const;
      throw error;
    });
    emit({ type: 'gate.answered', key: question.key, gate, by: operator.name, ...answer } as EventBody);
    return answer;
  };

  signal({ type: 'log', key: 'world', line: 'PostgreSQL 15 listens on 127.0.0.1:41233' });
  await wait(600);
  emit(runStarted);
  emit({
    type: 'fault.injected',
    fault: 'postgres.corrupt-pages',
    description: '20 % of the pages of inspections',
    output: {},
  });
  emit({ type: 'mark.set', mark: 'occurred', time: begun * 1000, source: 'fault' });
  await wait(400);
  emit({ type: 'mark.set', mark: 'detected', time: Date.now() * 1000, source: 'detect' });
  emit({
    type: 'check.proved',
    step: 'counts',
    title: 'The critical tables are there',
    verdict: 'red',
    reading: 'invalid page in block 7',
  });
  const questions = demoQuestions();
  await ask(questions.input);
  await ask(questions.choice);

  emit(phase('contain', 'Contain'));
  emit(started('stopApi', 'Suspend the API so that nothing writes', 'Suspend the service peakops-api', 5000));
  await wait(1500);
  emit(finished('stopApi', 'Suspend the API so that nothing writes'));
  emit({ type: 'debt.opened', key: 'stopApi', title: 'Resume the service peakops-api', due: 'exit' });
  emit(left('contain'));

  emit(phase('recover', 'Recover'));
  const restore = 'Restore to just before the corruption, in a new database';
  emit(started('restore', restore, 'Recover peakops-main to 2025-11-01T11:58:59Z', 12 * MINUTE));
  emit({
    type: 'step.activity',
    key: 'restore',
    class: 'external',
    reason: 'waits until the moment can be targeted',
  });
  for (let done = 1; done <= 8; done += 1) {
    signal({
      type: 'log',
      key: 'restore',
      line: `restored log file "00000001000000000000000${String(done)}" from archive`,
    });
    signal({ type: 'progress', key: 'restore', done, total: 8, unit: 'segments' });
    await wait(500);
  }
  emit(finished('restore', restore));
  await ask(questions.gate);
  emit(started('switch', 'Point the API at the recovered database', 'Set DATABASE_URL of peakops-api'));
  await wait(800);
  emit(finished('switch', 'Point the API at the recovered database'));
  await ask(questions.failure);
  await ask(questions.doubt);
  emit(left('recover'));

  emit(phase('verify', 'Verify'));
  emit(started('health', 'The API answers', 'GET /api/health/'));
  for (const [text, state, inARow] of READINGS) {
    signal({ type: 'reading', key: 'health', state, text, inARow, stable: 3 });
    await wait(900);
  }
  emit(finished('health', 'The API answers'));
  await ask(questions.manual);
  const seen = new AbortController();
  const timer = setTimeout(() => {
    seen.abort(new Error('seen'));
  }, 6000 / options.speed);
  await ask(questions.watched, seen.signal);
  clearTimeout(timer);
  await ask(questions.branch);
  emit(left('verify'));
  await ask(questions.debt);
  emit({ type: 'debt.settled', key: 'stopApi', how: 'paid', by: operator.name });
  emit({ type: 'loss.counted', acknowledged: 812, lost: 3 });
  emit({ type: 'run.finished', outcome: 'succeeded' });
}

const READINGS = [
  ['connect ECONNREFUSED 127.0.0.1:8000', 'unreachable', 0],
  ['503', 'notYet', 0],
  ['503', 'notYet', 0],
  ['200', 'holds', 1],
  ['200', 'holds', 2],
  ['200', 'holds', 3],
] as const;

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      plain: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
      steps: { type: 'string' },
      only: { type: 'string' },
      speed: { type: 'string', default: '1' },
    },
  });
  const color = (process.env['NO_COLOR'] ?? '') === '';
  const pause = new AbortController();
  const begun = Date.now() - 11 * MINUTE;
  const headline = (): Headline => ({
    elapsedMs: Date.now() - begun,
    budgetMs: 30 * MINUTE,
    budgetFrom: 'detected',
    forecastMs: { p50: 14 * MINUTE, p90: 19 * MINUTE },
    mode: 'drill',
    playbook: 'database-corruption',
    environment: 'sandbox',
    openDebts: 1,
  });
  const write = (text: string): void => {
    process.stdout.write(`${text}\n`);
  };
  if (values.plain || values.json) {
    const { createPlainView } = await import('../../engine/present/plain.ts');
    const { createJsonView } = await import('../../engine/present/jsonl.ts');
    const { createUnattendedOperator } = await import('../../engine/present/unattended.ts');
    const view = values.json ? createJsonView(write) : createPlainView({ write, color });
    const answers = {
      '*': 'go',
      'onFailure/reload': 'retry',
      'onFailure/restart': 'happened',
      corruptedAt: new Instant(begun * 1000),
      scope: 'database',
      route: 'wait',
    };
    const operator = createUnattendedOperator(answers, 'demo');
    await demoRun(view, operator, { pause: pause.signal, speed: Number(values.speed) });
    return;
  }
  const { createTerminalView } = await import('../../engine/present/terminal.ts');
  const { createTerminalOperator } = await import('../../engine/present/operator.ts');
  const view = createTerminalView({ stdout: process.stdout, color, headline, clock: systemClock });
  const interrupt = (): void => {
    view.tell('Pausing at the next safe point; Ctrl-C again stops the step that runs.');
    pause.abort(new Error('paused by Ctrl-C'));
  };
  process.on('SIGINT', interrupt);
  const answers: string[] = [];
  const terminal = createTerminalOperator({
    view,
    name: 'ada',
    environment: 'sandbox',
    onInterrupt: interrupt,
  });
  const operator: Operator = {
    name: terminal.name,
    ask: async (question, signal) => {
      const answer = await terminal.ask(question, signal);
      answers.push(`${question.key}: ${JSON.stringify(answer)}`);
      return answer;
    },
  };
  try {
    if (values.steps === undefined) {
      const only = values.only?.split(',');
      await demoRun(view, operator, {
        pause: pause.signal,
        speed: Number(values.speed),
        ...(only !== undefined && { only }),
      });
    } else await showMany(view, Number(values.steps));
  } catch (error) {
    answers.push(`ended with: ${error instanceof Error ? error.message : String(error)}`);
  } finally {
    view.close();
  }
  for (const answer of answers) write(answer);
}

async function showMany(view: View, count: number): Promise<void> {
  const events: readonly Event[] = manySteps(count, new EventStream(Date.now()));
  for (const event of events) {
    view.event(event);
    await sleep(1);
  }
}

if (process.argv[1]?.endsWith('demo-run.js') === true) await main();
