import { Instant } from '../base/instant.ts';
import type { Value, ValueMap } from '../base/value.ts';
import { isValueMap } from '../base/value.ts';
import type { Answer, AnswerName, InputQuestion, Operator, Question } from '../model/ports.ts';
import { OperatorNeeded } from '../model/ports.ts';
import { parseInput } from '../model/typed-answer.ts';
import { needsReason } from './answers.ts';
import { formatValue } from './values.ts';

/** Key of the answer to every gate that has none of its own. */
const EVERY_GATE = '*';

/**
 * Nobody is there: answers were given beforehand.
 * - an input: by its name, or that of its step; else its default.
 * - a gate, a manual step, a debt: by the step's id, else by `*`: `go` says yes to each.
 * - a branch: by the step's id; else its default. `{ answer: abort, reason }` takes none.
 * - a step at a tabletop: by its id, else by `*`, as the step itself would be answered.
 * - a failure, a doubt: by `onFailure/<id>` only. What went wrong needs somebody who looks.
 *
 * Of one item or round instead of all: by the step's key in the run, or the end of it (`tables[general]/load`,
 * `hunt#2/pick`), or by id with the nearest item or round (`load[general]`, `pick#2`). The most specific counts.
 *
 * An answer is a word (`go`, `decline`) or `{ answer, reason, values }`.
 * Whatever is left is `OperatorNeeded`, and so is an answer that the question does not offer.
 */
export function createUnattendedOperator(answers: ValueMap, name: string): Operator {
  const given = (key: string): Value | undefined => (Object.hasOwn(answers, key) ? answers[key] : undefined);
  return {
    name,
    ask: (question, signal) =>
      new Promise((resolve) => {
        signal.throwIfAborted();
        resolve(answerFor(question, given));
      }),
  };
}

/** Answers that were given to a run that goes on: those of questions that have an answer already correct it. */
export function correctionsFrom(answers: ValueMap): (question: InputQuestion) => Value | undefined {
  const given = (key: string): Value | undefined => (Object.hasOwn(answers, key) ? answers[key] : undefined);
  return (question) => {
    const value = given(question.input.name) ?? late(question, given(question.id));
    return value === undefined ? undefined : readInput(question, value);
  };
}

type Given = (key: string) => Value | undefined;

function answerFor(question: Question, given: Given): Answer {
  const specific = (prefix = ''): Value | undefined => firstOf(given, placesOf(question), prefix);
  const own = (prefix = ''): Value | undefined => specific(prefix) ?? given(prefix + question.id);
  switch (question.type) {
    case 'input':
      return inputAnswer(
        question,
        late(question, specific()) ?? given(question.input.name) ?? late(question, given(question.id)),
      );
    case 'branch': {
      const branch = own() ?? question.default;
      if (isValueMap(branch)) return written(question, branch);
      if (question.branches.some((each) => each.name === branch)) {
        return { answer: 'branch', values: { branch: branch ?? null } };
      }
      throw needed(question, branch === undefined ? undefined : `there is no branch ${formatValue(branch)}`);
    }
    case 'failure':
    case 'doubt':
      return written(question, own('onFailure/'));
    case 'gate': {
      const answer = written(question, own() ?? yesToAll(given, 'go'));
      return answer.answer === 'go' && question.typed !== undefined
        ? { ...answer, values: { ...answer.values, typed: question.typed } }
        : answer;
    }
    case 'manual':
      return written(question, asWord(own(), 'done') ?? yesToAll(given, 'done'));
    case 'tabletop':
      return written(question, saidAtTable(own()) ?? yesToAll(given, 'would'));
    case 'debt':
      return written(question, asWord(own(), 'pay') ?? yesToAll(given, 'pay'));
  }
}

/** Names of the question that are about one item or round, the most specific first. */
function placesOf({ key, id }: Question): readonly string[] {
  const parts = key
    .split('/')
    .map((part) => part.replace(/\[(.*)\]$/, (_, item: string) => `[${plain(item)}]`));
  const paths = parts.map((_, from) => parts.slice(from).join('/'));
  const turns = parts.toReversed().flatMap((part) => /(?:#\d+|\[.*\])$/.exec(part)?.[0] ?? []);
  return [...paths, ...turns.map((turn) => id + turn)].filter((name) => name !== id);
}

/** Keys of items are written in a step's key so that they hold no `/`. */
const plain = (item: string): string => decodeURIComponent(item);

function firstOf(given: Given, names: readonly string[], prefix: string): Value | undefined {
  for (const name of names) {
    const value = given(prefix + name);
    if (value !== undefined) return value;
  }
  return undefined;
}

/** A step that asks for several things has its answers by their names. */
const late = ({ input }: InputQuestion, value: Value | undefined): Value | undefined =>
  isValueMap(value) && Object.hasOwn(value, input.name) ? value[input.name] : value;

const yesToAll = (given: Given, yes: AnswerName): Value | undefined =>
  given(EVERY_GATE) === 'go' ? yes : undefined;

/** `go` and `true` say yes to whatever the question's yes is. */
const asWord = (value: Value | undefined, yes: AnswerName): Value | undefined =>
  value === 'go' || value === true ? yes : value;

/** Answers that are meant for the step itself: what says yes there says that it would be done. */
const saidAtTable = (value: Value | undefined): Value | undefined =>
  typeof value === 'string' && DONE.has(value) ? 'would' : asWord(value, 'would');

const DONE: ReadonlySet<string> = new Set(['done', 'pay']);

function written(question: Question, value: Value | undefined): Answer {
  if (value === undefined) throw needed(question);
  const answer = isValueMap(value) ? value : { answer: value };
  const word = question.choices.find((choice) => choice === answer['answer']);
  if (word === undefined) throw needed(question, `the answer ${formatValue(value)} is not offered`);
  const { reason, values } = answer;
  if (needsReason(word) && (typeof reason !== 'string' || reason.trim() === '')) {
    throw needed(question, `the answer ${word} needs a reason`);
  }
  return {
    answer: word,
    ...(typeof reason === 'string' && { reason }),
    ...(isValueMap(values) && { values }),
  };
}

function inputAnswer(question: InputQuestion, given: Value | undefined): Answer {
  const value = given ?? question.default;
  if (value === undefined) throw needed(question);
  return { answer: 'value', values: { value: readInput(question, value) } };
}

function readInput(question: InputQuestion, value: Value): Value {
  const { type } = question.input;
  const parsed =
    typeof value === 'string' && type !== 'text'
      ? parseInput(question.input, value, rightNow(), (read) => question.check(read) === undefined)
      : undefined;
  if (parsed?.ok === false) throw needed(question, parsed.error);
  const read = parsed === undefined ? value : parsed.value;
  const wrong = question.check(read);
  if (wrong !== undefined) throw needed(question, wrong);
  return read;
}

const rightNow = (): Instant => Instant.fromMillis(Date.now());

function needed(question: Question, because?: string): OperatorNeeded {
  const error = new OperatorNeeded(question);
  if (because !== undefined) error.message = `${error.message} (answer given beforehand: ${because})`;
  return error;
}
