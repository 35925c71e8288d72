import { Instant } from '../base/instant.ts';
import type { Json, JsonObject } from '../base/json.ts';
import { isJsonObject, listOf } from '../base/json.ts';
import type { Result } from '../base/result.ts';
import { err } from '../base/result.ts';
import type { Value } from '../base/value.ts';
import { encodeValue } from '../base/value.ts';
import { problemOfAnswer, questionIn } from '../model/answering.ts';
import type { Event } from '../model/event.ts';
import { openGate } from '../model/open-gate.ts';
import { INPUT_TYPES } from '../model/playbook.ts';
import { parseInput } from '../model/typed-answer.ts';

/** What a run asks now, as it stands in its journal. */
export interface Asked {
  readonly gate: string;
  readonly key: string;
  /** Microseconds since the epoch. */
  readonly since: number;
  readonly question: JsonObject;
}

/** What a run asks after all these events. */
export function askedNow(events: readonly Event[]): Asked | undefined {
  const open = openGate(events);
  return (
    open && {
      ...{ gate: open.gate, key: open.key, since: open.at },
      question: isJsonObject(open.question) ? open.question : {},
    }
  );
}

/** What somebody may answer here: no approval, which has to be signed, and no word of a talk at the run's own terminal. */
export function choicesOf({ question }: Asked, person: string): readonly string[] {
  const asked = questionIn(question);
  return textsOf(question['choices']).filter(
    (choice) =>
      !AT_A_TERMINAL.has(choice) &&
      asked !== undefined &&
      problemOfAnswer(asked, choice, person) === undefined,
  );
}

const AT_A_TERMINAL: ReadonlySet<string> = new Set(['approve', 'back']);

export const textsOf = (json: Json | undefined): readonly string[] =>
  listOf(json).filter((each) => typeof each === 'string');

export const textOf = (json: Json | undefined): string | undefined =>
  typeof json === 'string' && json !== '' ? json : undefined;

/** The type of the input that is asked for; undefined where none is. */
export const inputType = ({ question }: Asked): string | undefined =>
  isJsonObject(question['input']) ? textOf(question['input']['type']) : undefined;

/** Reads what a form says to a question: the values of the answer, encoded, or what would be right. */
export function valuesIn(
  asked: Asked,
  answer: string,
  form: Readonly<Record<string, string>>,
  now: Instant,
): { readonly values: JsonObject } | { readonly problem: string } {
  switch (answer) {
    case 'go':
      return { values: textOf(asked.question['typed']) === undefined ? {} : { typed: form['typed'] ?? '' } };
    case 'note':
      return { values: { text: form['text'] ?? '' } };
    case 'branch':
      return { values: { branch: form['branch'] ?? '' } };
    case 'byHand':
    case 'done':
    case 'happened': {
      const names = textsOf(asked.question['outputs']);
      return { values: Object.fromEntries(names.map((name) => [name, form[`output.${name}`] ?? ''])) };
    }
    case 'value': {
      const value = valueIn(asked, form['value'] ?? '', now);
      return value.ok ? { values: { value: encodeValue(value.value) } } : { problem: value.error };
    }
    default:
      return { values: {} };
  }
}

/** As at a terminal; a list has a line for each of its items. */
function valueIn(asked: Asked, text: string, now: Instant): Result<Value, string> {
  const { question } = asked;
  const type = INPUT_TYPES.find((each) => each === inputType(asked)) ?? 'text';
  const named = isJsonObject(question['input']) ? listOf(question['input']['options']) : [];
  const options = named.filter(isJsonObject).map(({ value, label }) => ({
    value: textOf(value) ?? '',
    label: textOf(label) ?? '',
  }));
  const typed = type === 'list' ? text.replaceAll(/\r?\n/g, ',') : text;
  const read = (fits: (value: Value) => boolean): Result<Value, string> =>
    parseInput({ type, options }, typed, now, fits);
  const value = read(() => true);
  // A time of day alone is one of today or of yesterday: a terminal shows which and asks again, a form cannot.
  const past = momentIn(read((each) => each instanceof Instant && each.epochMicros <= now.epochMicros));
  return past === undefined || past === momentIn(value)
    ? value
    : err(`Which day is meant? Write it too: ${past}.`);
}

const momentIn = (read: Result<Value, string>): string | undefined =>
  read.ok && read.value instanceof Instant ? read.value.toString() : undefined;
