import { canonicalJson } from '../../base/json.ts';
import type { Value } from '../../base/value.ts';
import { encodeValue } from '../../base/value.ts';
import type { EventBody } from '../../model/event.ts';
import type { AnswerName, InputQuestion, Question } from '../../model/ports.ts';
import { EvaluationError, OperatorNeeded } from '../../model/ports.ts';
import { affects } from '../life/answers.ts';
import type { Affected } from '../life/affected.ts';
import type { GivenAnswer } from '../life/answers.ts';
import { LAST, ask } from './ask.ts';
import type { AskOptions, Decision } from './ask.ts';
import type { RunContext } from '../life/context.ts';
import { Corrected } from '../life/control.ts';
import { shownAs } from '../life/text.ts';

/** As `ask`, where earlier answers can be put right: throws `Corrected` when one was, for the question may be another one now. */
export async function askOrCorrect(
  run: RunContext,
  question: Question,
  options: AskOptions = {},
): Promise<Decision | undefined> {
  for (;;) {
    const decision = await ask(run, correctable(run, question), options);
    if (decision?.answer !== 'correct') return decision;
    if (await correct(run, question)) throw new Corrected();
  }
}

function correctable(run: RunContext, question: Question): Question {
  if (run.answers.given.length === 0) return question;
  const at = question.choices.findIndex((choice) => LAST.has(choice));
  return {
    ...question,
    choices: question.choices.toSpliced(at < 0 ? question.choices.length : at, 0, 'correct'),
  };
}

/** Asks which answer is to be another one, and for the other one. False: none. */
async function correct(run: RunContext, { key, id }: Question): Promise<boolean> {
  const answers = run.answers.given;
  const which: InputQuestion = {
    type: 'input',
    key: `${key}/correct`,
    id,
    title: 'Which answer is to be corrected?',
    choices: BACK,
    input: {
      name: 'answer',
      prompt: 'Which answer is to be corrected?',
      span: { file: run.options.playbook.file, start: 0, end: 0 },
      type: 'choice',
      options: answers.map((answer, at) => ({
        value: String(at),
        label: `${answer.prompt}  ${shownAs(answer.value())}`,
      })),
    },
    check: (value) => (answers[Number(value)] === undefined ? 'is not one of the answers' : undefined),
  };
  const picked = await ask(run, which, { withoutValues: true });
  const answer = picked?.answer === 'value' ? answers[Number(picked.values?.['value'])] : undefined;
  if (answer === undefined) return false;
  const before = answer.value();
  const question: InputQuestion = {
    ...(await checkedQuestion(run, answer)),
    key: `${key}/correct`,
    choices: BACK,
    why: [`It was ${shownAs(before)}.`, ...consequences(run, answer.affected())].join('\n'),
  };
  let events: readonly EventBody[] = [];
  const decision = await ask(run, question, {
    withoutValues: true,
    also: (given) => {
      if (given.answer !== 'value') return [];
      events = corrections(run, answer, given.values?.['value'] ?? null, run.options.operator.name);
      return events;
    },
  });
  return decision?.answer === 'value' && events.length > 0;
}

const BACK: readonly AnswerName[] = ['value', 'back'];

/** The question of an answer, for another value of it: one that makes what rests on it impossible is refused. */
async function checkedQuestion(run: RunContext, answer: GivenAnswer): Promise<InputQuestion> {
  const question = await answer.question();
  const affected = answer.affected();
  return {
    ...question,
    check: (value) => question.check(value) ?? problemOfMade(run, answer, affected, value),
  };
}

/** Tries it, and takes it back. */
function problemOfMade(
  run: RunContext,
  answer: GivenAnswer,
  affected: Affected,
  value: Value,
): string | undefined {
  // Its handle stays what it is.
  if (answer.isSecret) return undefined;
  const before = answer.value();
  answer.apply(answer.taken(value));
  try {
    for (const made of run.answers.made) {
      if (!affects(affected, made)) continue;
      const problem = made.problem(made.make());
      if (problem !== undefined) return `${made.scope}: ${made.name} ${problem}`;
    }
    return undefined;
  } catch (error) {
    if (error instanceof EvaluationError) return error.message;
    throw error;
  } finally {
    answer.apply(before);
  }
}

/** What was answered beforehand for a question that has its answer already: the answer is put right. */
export async function correctBeforehand(run: RunContext, answer: GivenAnswer): Promise<void> {
  const { operator } = run.options;
  if (operator.correction === undefined) return;
  const question = await checkedQuestion(run, answer);
  const value = operator.correction(question);
  if (value === undefined) return;
  const problem = question.check(value);
  if (problem !== undefined) throw needed(question, `${shownAs(value)} ${problem}`);
  await run.log.append(...corrections(run, answer, value, operator.name));
}

/** The events of a correction; from here on every name stands for what it is now. */
function corrections(run: RunContext, answer: GivenAnswer, given: Value, by: string): readonly EventBody[] {
  const value = answer.taken(given);
  if (!answer.isSecret && isSame(answer.value(), value)) return [];
  const affected = answer.affected();
  const done = doneSteps(run, affected).map(({ key }) => key);
  const events = answer.events(value, by, done);
  answer.apply(value);
  return [...events, ...remade(run, affected, done)];
}

/** Inputs of called playbooks that rest on an answer, in the order in which they were made. */
function remade(run: RunContext, affected: Affected, done: readonly string[]): readonly EventBody[] {
  return run.answers.made.flatMap((made) => {
    if (!affects(affected, made)) return [];
    const value = made.make();
    if (isSame(made.value(), value)) return [];
    const event = made.event(value, done);
    made.apply(value);
    return [event];
  });
}

function needed(question: InputQuestion, because: string): OperatorNeeded {
  const error = new OperatorNeeded(question);
  error.message = `${error.message} (answer given beforehand: ${because})`;
  return error;
}

const isSame = (one: Value, other: Value): boolean =>
  canonicalJson(encodeValue(one)) === canonicalJson(encodeValue(other));

/** What a person has to know before an answer is changed. */
function consequences(run: RunContext, affected: Affected): readonly string[] {
  const done = doneSteps(run, affected).map(({ title }) => title);
  const frozen = frozenKeys(run, affected);
  return [
    ...(done.length === 0 ? [] : [ended(`Done with it already, and left as it is: ${done.join('; ')}`)]),
    ...(frozen.length === 0
      ? []
      : [ended(`Decided with it already, and left as it is: ${frozen.join(', ')}`)]),
  ];
}

/** Not those that were skipped: they did nothing with it. */
function doneSteps(run: RunContext, { steps }: Affected): readonly { key: string; title: string }[] {
  return [...run.log.state.steps].flatMap(([key, { finished }]) => {
    if (finished === undefined || finished.outcome === 'skipped') return [];
    return steps.some((each) => each.key.test(key)) ? [{ key, title: finished.title }] : [];
  });
}

function frozenKeys(run: RunContext, { steps }: Affected): readonly string[] {
  const { entered, left, branches } = run.log.state;
  return [...new Set([...entered, ...left.keys(), ...branches.keys()])].filter((key) =>
    steps.some((each) => each.isFrozen && each.key.test(key)),
  );
}

/** A title may be a question, and ends its sentence itself. */
const ended = (sentence: string): string => (/[.?!]$/.test(sentence) ? sentence : `${sentence}.`);
