import { Duration } from '../base/duration.ts';
import { Instant } from '../base/instant.ts';
import type { Json, JsonObject } from '../base/json.ts';
import { isJsonObject, listOf } from '../base/json.ts';
import type { Value } from '../base/value.ts';
import { encodeValue } from '../base/value.ts';
import type { Event } from '../model/event.ts';

/** What a run asks now, as it stands in its journal. */
export interface Asked {
  readonly gate: string;
  readonly key: string;
  /** Microseconds since the epoch. */
  readonly since: number;
  readonly question: JsonObject;
}

/**
 * What a run asks after all these events. A gate that nobody answered is not open for that: its step may have ended,
 * and whatever was asked before a pause is asked anew when the run goes on.
 */
export function askedNow(events: readonly Event[]): Asked | undefined {
  let asked: Asked | undefined;
  for (const event of events) {
    if (event.type === 'gate.opened')
      asked = {
        ...{ gate: event.gate, key: event.key, since: event.at },
        question: isJsonObject(event.question) ? event.question : {},
      };
    else if (event.type === 'gate.answered' && event.gate === asked?.gate) asked = undefined;
    else if (event.type === 'step.finished' && event.key === asked?.key) asked = undefined;
    else if (ENDS_ALL.has(event.type)) asked = undefined;
  }
  return asked;
}

const ENDS_ALL: ReadonlySet<Event['type']> = new Set(['run.paused', 'run.resumed', 'run.finished'] as const);

/** What may be answered here: not what is a talk of several questions, which its own terminal has. */
export const choicesOf = ({ question }: Asked): readonly string[] =>
  textsOf(question['choices']).filter((choice) => !AT_ITS_TERMINAL.has(choice));

const AT_ITS_TERMINAL: ReadonlySet<string> = new Set([
  ...['correct', 'switch', 'retryWith', 'back'],
  // It has to be signed.
  'approve',
]);

export const textsOf = (json: Json | undefined): readonly string[] =>
  listOf(json).filter((each) => typeof each === 'string');

export const textOf = (json: Json | undefined): string | undefined =>
  typeof json === 'string' && json !== '' ? json : undefined;

/** The type of the input that is asked for; undefined where none is. */
export const inputType = ({ question }: Asked): string | undefined =>
  isJsonObject(question['input']) ? textOf(question['input']['type']) : undefined;

/** Reads what a form says to a question: the values of the answer, encoded, or what is wrong with them. */
export function valuesIn(
  asked: Asked,
  answer: string,
  form: Readonly<Record<string, string>>,
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
      const value = valueIn(inputType(asked) ?? 'text', form['value'] ?? '');
      return value === undefined
        ? { problem: 'What is written there is not of the kind that is asked for.' }
        : { values: { value: encodeValue(value) } };
    }
    default:
      return { values: {} };
  }
}

function valueIn(type: string, text: string): Value | undefined {
  const trimmed = text.trim();
  switch (type) {
    case 'number':
      return trimmed !== '' && Number.isFinite(Number(trimmed)) ? Number(trimmed) : undefined;
    case 'boolean':
      return trimmed === 'yes' ? true : trimmed === 'no' ? false : undefined;
    case 'time':
      return Instant.parse(trimmed);
    case 'duration':
      return Duration.parse(trimmed);
    case 'list':
      return trimmed
        .split('\n')
        .map((line) => line.trim())
        .filter((line) => line !== '');
    case 'text':
    case 'choice':
      return text;
    default:
      return undefined;
  }
}
