import { localTime } from '../../base/human.ts';
import { Instant } from '../../base/instant.ts';
import { momentInFull } from '../../base/moment.ts';
import type { Result } from '../../base/result.ts';
import { err, ok } from '../../base/result.ts';
import type { Value } from '../../base/value.ts';
import type { Answer, AnswerName, InputQuestion } from '../../model/ports.ts';
import { parseInput } from '../../model/typed-answer.ts';
import type { FieldConfig } from '../prompt/field.ts';
import { LONG } from '../long-lists.ts';
import { formatValue } from '../values.ts';
import type { Asker } from './asker.ts';
import { VALUE, askByMenu, askByTicks, askByTyping, completeOther, numbered, othersOf } from './choices.ts';

/** Asks for an input by its type. Undefined: Escape, to the other choices of the question. */
export async function askInput(question: InputQuestion, asker: Asker): Promise<Answer | undefined> {
  const { type, options } = question.input;
  if (options.length > LONG) return askByTyping(question, asker);
  if (type === 'choice' || type === 'boolean') return askByMenu(question, asker);
  if (type === 'list' && options.length > 0) return askByTicks(question, asker);
  return question.offers === undefined ? askByField(question, asker) : askByOffers(question, asker);
}

/** Moments that the playbook offers, or one that is typed. */
async function askByOffers(question: InputQuestion, asker: Asker): Promise<Answer | undefined> {
  const { offers = [], default: preset } = question;
  const isOffered = offers.some(({ value }) => formatValue(value) === formatValue(preset ?? null));
  const rows =
    preset === undefined || isOffered ? offers : [{ label: 'As proposed', value: preset }, ...offers];
  for (;;) {
    const picked = await asker.menu({
      message: 'When?',
      choices: [
        ...rows.map(({ label, value }, at) => ({
          ...numbered(at, formatValue(value)),
          label: `${label}: ${shown(value)}`,
        })),
        { key: 'w', value: TYPED, label: 'Another moment, to be typed' },
        ...othersOf(question),
      ],
      items: [],
      ticked: [],
      ...(preset !== undefined && { preselected: VALUE + formatValue(preset) }),
    });
    const row = rows.find(({ value }) => VALUE + formatValue(value) === picked.value);
    if (row !== undefined) return { answer: 'value', values: { value: row.value } };
    if (picked.value !== TYPED) return completeOther(picked.value as AnswerName, asker);
    const answer = await askByField(question, asker);
    if (answer !== undefined) return answer;
  }
}

const TYPED = 'typed';

/** A moment that was typed is shown as it was understood, and taken once that is said to be right. */
async function askByField(question: InputQuestion, asker: Asker): Promise<Answer | undefined> {
  let initial: string | undefined;
  for (;;) {
    const read = await asker.field(fieldOf(question, initial));
    if (read === undefined) return undefined;
    const { value, typed } = read;
    if (!(value instanceof Instant) || typed === '' || (await isRight(value, asker))) {
      return { answer: 'value', values: { value } };
    }
    initial = typed;
  }
}

async function isRight(moment: Instant, asker: Asker): Promise<boolean> {
  const { value } = await asker.menu({
    message: `${momentInFull(moment, currentMoment())}: is that right?`,
    choices: [
      { key: 'y', value: 'yes', label: 'Yes' },
      { key: 'n', value: 'no', label: 'No, write it again' },
    ],
    items: [],
    ticked: [],
    preselected: 'yes',
  });
  return value === 'yes';
}

interface Typed {
  readonly typed: string;
  readonly value: Value;
}

function fieldOf(
  question: InputQuestion,
  initial: string | undefined,
): Omit<FieldConfig<Typed>, 'theme' | 'columns'> {
  const { input } = question;
  const fits = (value: Value): boolean => question.check(value) === undefined;
  const parse = (typed: string): Result<Value, string> =>
    typed.trim() === '' && question.default !== undefined
      ? ok(question.default)
      : parseInput(input, typed, currentMoment(), fits);
  return {
    message: EXAMPLES[input.type]?.() ?? 'Answer:',
    ...(initial !== undefined && { initial }),
    ...(question.default !== undefined && {
      whenEmpty: input.type === 'secret' ? GIVEN_BEFORE : shown(question.default),
    }),
    parse: (typed) => {
      const parsed = parse(typed);
      if (!parsed.ok) return parsed;
      const wrong = question.check(parsed.value);
      return wrong === undefined ? ok({ typed: typed.trim(), value: parsed.value }) : err(wrong);
    },
    ...(input.type === 'secret' && { hidden: true }),
    comment: (typed) => {
      if (input.type === 'secret') return undefined;
      const parsed = parse(typed);
      // Half of a moment is not wrong yet: how to write it is said, calmly.
      if (!parsed.ok) return { good: true, text: parsed.error };
      const meaning = parsed.value instanceof Instant ? shown(parsed.value) : undefined;
      const wrong = question.check(parsed.value);
      const text = [meaning, wrong].filter((part) => part !== undefined).join(': ');
      return text === '' ? undefined : { good: wrong === undefined, text };
    },
  };
}

/** Stands where a secret that was given beforehand would be offered. */
const GIVEN_BEFORE = 'as given';

const shown = (value: Value): string =>
  value instanceof Instant ? momentInFull(value, currentMoment()) : formatValue(value);

const currentMoment = (): Instant => Instant.fromMillis(Date.now());

const EXAMPLES: Readonly<Record<string, () => string>> = {
  time: () => `When (10 minutes ago, 21:18, 21:18Z, ${localTime(Date.now())}):`,
  duration: () => 'How long (30m, 1h30m):',
  number: () => 'Number:',
  list: () => 'List (a, b, c):',
  secret: () => 'Secret (it is not shown):',
};
