import { Instant } from '../../base/instant.ts';
import { decodeValue, encodeValue } from '../../base/value.ts';
import type { Value } from '../../base/value.ts';
import type { EventBody } from '../../model/event.ts';
import type { Input } from '../../model/playbook.ts';
import type { InputQuestion } from '../../model/ports.ts';
import { EvaluationError } from '../../model/ports.ts';
import { affectedBy } from '../life/affected.ts';
import type { Affected } from '../life/affected.ts';
import type { GivenAnswer, MadeInput } from '../life/answers.ts';
import { ask, decided } from './ask.ts';
import type { RunContext } from '../life/context.ts';
import { Aborting } from '../life/control.ts';
import { CODES } from '../../model/codes.ts';
import { correctBeforehand } from './correct.ts';
import type { Frame } from '../life/frame.ts';
import { names } from '../life/names.ts';
import { beforeEntering } from '../life/safe-point.ts';
import { shownText } from '../life/text.ts';

export interface InputSource {
  /** As events name it: `''` for the run, a call's key. */
  readonly scope: string;
  readonly by: string;
  /** What was called has ended: its inputs are what they were. */
  readonly isOver: boolean;
  /** Whether the caller says what it is. */
  readonly gives: (name: string) => boolean;
  /** The value that the caller gives, if it does. */
  readonly evaluate: (name: string) => Value | undefined;
}

/**
 * Fills the inputs of a playbook in their order, each checked with those before it in scope:
 * from the journal, from the caller, else from the operator, who is offered the default.
 * Where a caller leaves out an input that has a default, the default counts unasked; what a
 * caller gives and cannot be evaluated, or does not pass its check, is asked for too.
 */
export async function answerInputs(
  run: RunContext,
  frame: Frame,
  values: Record<string, Value>,
  source: InputSource,
): Promise<void> {
  for (const input of frame.playbook.inputs) {
    const value = await answerInput(run, frame, input, source);
    values[input.name] = value;
    await remember(run, frame, values, { input, source });
  }
}

/** Keeps an answer so that it can be put right, and puts it right where that was asked for beforehand. */
async function remember(
  run: RunContext,
  frame: Frame,
  values: Record<string, Value>,
  { input, source }: { readonly input: Input; readonly source: InputSource },
): Promise<void> {
  const { scope, by, isOver } = source;
  if (isOver) return;
  const { name } = input;
  const value = (): Value => values[name] ?? null;
  const apply = (corrected: Value): void => {
    values[name] = corrected;
  };
  const event = (after: Value, who: string, done: readonly string[]): EventBody => ({
    type: 'input.corrected',
    scope,
    name,
    value: encodeValue(after),
    before: encodeValue(value()),
    by: who,
    done,
  });
  if (scope !== '' && source.gives(name)) {
    const made: MadeInput = {
      ...{ scope, name, value, apply },
      make: () => source.evaluate(name) ?? null,
      problem: (again) => problemOf(run, frame, input, again),
      event: (after, done) => event(after, by, done),
    };
    run.answers.addMade(made);
    return remakeOutdated(run, made);
  }
  const affected = (): Affected =>
    affectedBy(frame.playbook, frame.home, `inputs.${name}`, run.options.evaluator);
  const given: GivenAnswer = {
    ...{ scope, name, value, apply, affected },
    prompt: input.prompt,
    isSecret: input.type === 'secret',
    taken: (answer) => answer,
    question: () =>
      Promise.resolve(questionOf(run, frame, input, input.type === 'secret' ? {} : { preset: value() })),
    events: (after, who, done) => [event(after, who, done)],
  };
  const { answeredBy } = run.log.state;
  const answered = answeredBy.get(`${scope}/${name}`);
  if (answered?.corrects === true) run.answers.noteCorrection(affected(), answered.seq);
  run.answers.add(given);
  await correctBeforehand(run, given);
  const corrected = answeredBy.get(`${scope}/${name}`);
  if (corrected !== answered && corrected !== undefined)
    run.answers.noteCorrection(affected(), corrected.seq);
}

/** What its caller makes it of was corrected, and this life of the run begins after that. */
async function remakeOutdated(run: RunContext, made: MadeInput): Promise<void> {
  const { scope, name } = made;
  const { answeredBy } = run.log.state;
  const madeAt = answeredBy.get(`${scope}/${name}`)?.seq ?? 0;
  if (!run.answers.isOutdated(scope, name, madeAt)) return;
  const value = made.make();
  await run.log.append(made.event(value, []));
  made.apply(value);
}

async function answerInput(run: RunContext, frame: Frame, input: Input, source: InputSource): Promise<Value> {
  const { log } = run;
  const { name } = input;
  const recorded = log.state.inputs.get(`${source.scope}/${name}`);
  if (recorded !== undefined) return decodeValue(recorded);
  beforeEntering(run, frame);
  const { evaluator, clock } = run.options;
  const called = source.scope !== '';
  let trouble: string | undefined;
  const attempt = (evaluate: () => Value | undefined): Value | undefined => {
    try {
      return evaluate();
    } catch (error) {
      if (!(error instanceof EvaluationError)) throw error;
      trouble = error.message;
      return undefined;
    }
  };
  const template = input.default;
  const preset = attempt(() =>
    template === undefined ? undefined : evaluator.render(template, names(run, frame, clock.now())),
  );
  const given =
    attempt(() => source.evaluate(name)) ?? (called && trouble === undefined ? preset : undefined);
  const problem = given === undefined ? trouble : problemOf(run, frame, input, given);
  if (given === undefined || problem !== undefined) {
    return askFor(run, frame, input, { scope: source.scope, preset, why: problem });
  }
  await log.append({
    type: 'input.answered',
    scope: source.scope,
    name,
    value: encodeValue(given),
    by: source.by,
  });
  return given;
}

async function askFor(
  run: RunContext,
  frame: Frame,
  input: Input,
  context: {
    readonly scope: string;
    readonly preset: Value | undefined;
    /** Why what was given does not do. */
    readonly why: string | undefined;
  },
): Promise<Value> {
  const { scope } = context;
  return askValue(run, questionOf(run, frame, input, context), (value, by) => [
    { type: 'input.answered', scope, name: input.name, value: encodeValue(value), by },
  ]);
}

function questionOf(
  run: RunContext,
  frame: Frame,
  input: Input,
  { preset, why }: { readonly preset?: Value | undefined; readonly why?: string | undefined },
): InputQuestion {
  const offers = offersOf(run, frame, input);
  return {
    type: 'input',
    key: `${frame.home}input/${input.name}`,
    id: input.name,
    title: input.prompt,
    choices: ['value', 'note', 'pause', 'abort'],
    ...(why !== undefined && { why }),
    input,
    ...(offers.length > 0 && { offers }),
    ...(preset !== undefined && { default: preset }),
    check: (value) => problemOf(run, frame, input, value),
  };
}

/** What the playbook offers of a time, as far as it is known now and would be taken. */
function offersOf(run: RunContext, frame: Frame, input: Input): NonNullable<InputQuestion['offers']> {
  const { evaluator, clock } = run.options;
  return fitting(
    (input.offers ?? []).flatMap(({ label, value }) => {
      try {
        return [{ label, value: evaluator.render(value, names(run, frame, clock.now())) }];
      } catch (error) {
        if (error instanceof EvaluationError) return [];
        throw error;
      }
    }),
    (value) => problemOf(run, frame, input, value),
  );
}

/** The offers that are moments and pass the check of their question. */
export function fitting(
  offers: NonNullable<InputQuestion['offers']>,
  check: InputQuestion['check'],
): NonNullable<InputQuestion['offers']> {
  return offers.flatMap(({ label, value }) => {
    const moment = typeof value === 'string' ? Instant.parse(value) : value;
    return moment instanceof Instant && check(moment) === undefined ? [{ label, value: moment }] : [];
  });
}

/** Asks for a value until one passes its check; it is journaled by the events that are made of it. */
export async function askValue(
  run: RunContext,
  question: InputQuestion,
  journaled: (value: Value, by: string) => readonly EventBody[],
  closed?: AbortSignal,
): Promise<Value> {
  const recorded = run.log.state.steps.get(question.key)?.decision;
  if (recorded?.answer === 'abort') throw aborted(question, decided(recorded));
  const by = run.options.operator.name;
  const decision = await ask(run, question, {
    withoutValues: true,
    ...(closed !== undefined && { closed }),
    also: ({ answer, values }) =>
      answer === 'value' ? journaled(checked(question, values?.['value']), by) : [],
  });
  if (decision === undefined) {
    closed?.throwIfAborted();
    throw new Error('this question about an input cannot be closed');
  }
  if (decision.answer === 'abort') throw aborted(question, decision);
  return decision.values?.['value'] ?? null;
}

const aborted = ({ title }: InputQuestion, { reason, by }: { reason?: string; by: string }): Aborting =>
  new Aborting(reason ?? `${title}: aborted`, by);

/** Whoever asks a person checks at once; an answer given beforehand is checked only here. */
function checked(question: InputQuestion, value: Value | undefined): Value {
  const problem = question.check(value ?? null);
  if (problem === undefined) return value ?? null;
  const message = `${question.title} ${problem}`;
  const failure = { code: CODES.assert, message, changed: 'nothing', retryable: false } as const;
  throw new Aborting(message, undefined, { failure });
}

function problemOf(run: RunContext, frame: Frame, input: Input, value: Value): string | undefined {
  const { check } = input;
  if (check === undefined) return undefined;
  const { evaluator, clock } = run.options;
  const scope = names(run, frame, clock.now(), { value });
  try {
    if (evaluator.test(check.that, scope)) return undefined;
    return check.else === undefined
      ? `not so: ${check.that.source}`
      : shownText(evaluator.render(check.else, scope));
  } catch (error) {
    if (error instanceof EvaluationError) return error.message;
    throw error;
  }
}
