import { encodeValue } from '../../base/value.ts';
import { isJsonObject } from '../../base/json.ts';
import type { Repeat } from '../../model/playbook.ts';
import type { FailureQuestion } from '../../model/ports.ts';
import { ask, decided } from '../people/ask.ts';
import type { RunContext } from '../life/context.ts';
import { NextRound } from '../life/control.ts';
import { endBy, orGiveUp } from '../people/ask-or-give-up.ts';
import { evaluateOrAsk } from './evaluate-or-ask.ts';
import { CODES } from '../../model/codes.ts';
import { NOT_RUN, resultsOf, setResult } from '../life/frame.ts';
import type { Frame } from '../life/frame.ts';
import { names } from '../life/names.ts';
import { beforeEntering } from '../life/safe-point.ts';
import { isWanted } from './when.ts';

/** Rounds of the same steps, each under a key of its own, until one is accepted. After it, names are those of the last round. */
export async function runRepeat(run: RunContext, frame: Frame, repeat: Repeat): Promise<void> {
  const { log } = run;
  const { id, title } = repeat;
  const key = `${frame.prefix}${id}`;
  const left = log.state.left.get(key);
  if (left?.outcome === 'skipped') return;
  if (!log.state.entered.has(key)) {
    beforeEntering(run, frame);
    if (!(await isWanted(run, frame, repeat, key))) {
      return log.append({ type: 'scope.left', key, outcome: 'skipped' });
    }
    await log.later({ type: 'scope.entered', key, kind: 'repeat', title });
  }
  let results: Frame['results'] | undefined;
  let rounds = 0;
  for (let accepted = false; !accepted;) {
    rounds += 1;
    const round: Round = { run, repeat, key: `${key}#${String(rounds)}`, count: rounds };
    const inside = roundFrame(frame, round, key, results);
    accepted = await runRound(round, inside);
    results = inside.results;
    if (!accepted && rounds >= repeat.max) accepted = await isEnough(round, frame);
    if (!accepted) await pauseBetween(run, frame, round);
  }
  // What the last round knows is known from here on.
  for (const name of Object.keys(resultsOf(repeat.steps))) {
    const result = results?.[name];
    if (result !== undefined) frame.results[name] = result;
  }
  setResult(frame, id, { outcome: 'succeeded', output: { rounds } });
  if (left === undefined) {
    await log.append({ type: 'scope.left', key, outcome: 'done', output: encodeValue({ rounds }) });
  }
}

interface Round {
  readonly run: RunContext;
  readonly repeat: Repeat;
  readonly key: string;
  /** From 1. */
  readonly count: number;
}

function roundFrame(
  frame: Frame,
  { repeat, key, count }: Round,
  of: string,
  previous: Frame['results'] | undefined,
): Frame {
  const own = resultsOf(repeat.steps);
  const before = Object.keys(own).map((name) => [name, previous?.[name] ?? own[name] ?? NOT_RUN] as const);
  return {
    ...frame,
    prefix: `${key}/`,
    phase: `${key}/`,
    results: { ...frame.results, ...own },
    also: { ...frame.also, previous: { round: count - 1, steps: Object.fromEntries(before) } },
    turns: [...(frame.turns ?? []), { round: count, repeat: of }],
  };
}

/** Whether it was accepted. */
async function runRound({ run, repeat, key, count }: Round, frame: Frame): Promise<boolean> {
  const { log } = run;
  const { id, title } = repeat;
  if (!log.state.entered.has(key)) {
    beforeEntering(run, frame);
    await log.append({ type: 'scope.entered', key, kind: 'round', title: `Round ${String(count)}` });
  }
  let ended = false;
  try {
    await run.walk(repeat.steps, frame);
  } catch (error) {
    if (!(error instanceof NextRound) || error.repeat !== id) throw error;
    ended = true;
  }
  const recorded = log.state.left.get(key)?.output;
  if (isJsonObject(recorded)) return recorded['accepted'] === true;
  const { evaluator, clock } = run.options;
  const accepted =
    !ended &&
    (await evaluateOrAsk(
      run,
      frame,
      { key, id, title },
      `See whether this holds: ${repeat.accept.source}`,
      () => evaluator.test(repeat.accept, names(run, frame, clock.now())),
    )) === true;
  await log.append({ type: 'scope.left', key, outcome: 'done', output: { accepted } });
  return accepted;
}

/** After the last round that was planned, the operator says whether there is to be another one. */
async function isEnough({ run, repeat, key, count }: Round, frame: Frame): Promise<boolean> {
  const { id, title, why } = repeat;
  const question: FailureQuestion = {
    type: 'failure',
    key: `${key}/accept`,
    id,
    title,
    choices: orGiveUp(frame, ['retry', 'accept', 'note', 'pause', 'abort']),
    ...(why !== undefined && { why }),
    describe: 'Do another round',
    error: {
      code: CODES.rounds,
      message: `not accepted after ${String(count)} rounds: ${repeat.accept.source}`,
      changed: 'nothing',
    },
    attempt: count,
    args: {},
  };
  const recorded = run.log.state.steps.get(question.key)?.decision;
  const decision = recorded?.question === 'failure' ? decided(recorded) : await ask(run, question);
  if (decision?.answer === 'retry') return false;
  if (decision?.answer === 'accept') return true;
  if (decision === undefined) throw new Error('a question about rounds cannot be closed');
  throw endBy(question, decision);
}

/** The pause is not journaled: a round that has been entered had it. */
async function pauseBetween(run: RunContext, frame: Frame, { repeat, key }: Round): Promise<void> {
  const { clock, pause, stop } = run.options;
  const next = key.replace(/\d+$/, (count) => String(Number(count) + 1));
  if (repeat.pauseMs === 0 || run.log.state.entered.has(next)) return;
  beforeEntering(run, frame);
  await run.log.append();
  await clock.sleep(repeat.pauseMs, AbortSignal.any([pause, stop]));
  run.safePoint();
}
