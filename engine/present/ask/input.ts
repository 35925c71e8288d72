import { Instant } from '../../base/instant.ts';
import type { Result } from '../../base/result.ts';
import { err, ok } from '../../base/result.ts';
import type { Value } from '../../base/value.ts';
import { isValueList } from '../../base/value.ts';
import type { Answer, AnswerName, InputQuestion } from '../../model/ports.ts';
import { momentInFull } from '../moment.ts';
import type { FieldConfig } from '../prompt/field.ts';
import type { MenuChoice } from '../prompt/menu.ts';
import { localTime } from '../../base/human.ts';
import { formatValue, parseInput } from '../values.ts';
import type { Asker } from './asker.ts';

/** Asks for an input by its type. Undefined: Escape, to the other choices of the question. */
export async function askInput(question: InputQuestion, asker: Asker): Promise<Answer | undefined> {
  const { type } = question.input;
  if (type === 'choice' || type === 'boolean') return askByMenu(question, optionsOf(question), asker);
  const isTicked = type === 'list' && question.input.options.length > 0;
  return isTicked ? askByTicks(question, asker) : askByField(question, asker);
}

const VALUE = 'value/';

async function askByMenu(
  question: InputQuestion,
  options: readonly MenuChoice[],
  asker: Asker,
): Promise<Answer | undefined> {
  let message = 'Choose:';
  for (;;) {
    const others = question.choices.filter((choice) => choice !== 'value');
    const { menuChoice } = await import('../answers.ts');
    const { value } = await asker.menu({
      message,
      heading: question.heading,
      choices: [...options, ...others.map(menuChoice)],
      items: [],
      ticked: [],
      ...(question.default !== undefined && { preselected: VALUE + formatValue(question.default) }),
    });
    if (!value.startsWith(VALUE)) return completeOther(value as AnswerName, asker);
    const text = value.slice(VALUE.length);
    const chosen = question.input.type === 'boolean' ? text === 'true' : text;
    const wrong = question.check(chosen);
    if (wrong === undefined) return { answer: 'value', values: { value: chosen } };
    message = `${wrong}. Choose another:`;
  }
}

/** Several out of a list. */
async function askByTicks(question: InputQuestion, asker: Asker): Promise<Answer | undefined> {
  const { options } = question.input;
  const preset = isValueList(question.default) ? question.default.map(formatValue) : [];
  let ticked: readonly number[] = options.flatMap(({ value }, at) => (preset.includes(value) ? [at] : []));
  let message = 'Which of them?';
  for (;;) {
    const { menuChoice } = await import('../answers.ts');
    const others = question.choices.filter((choice) => choice !== 'value');
    const picked = await asker.menu({
      message,
      heading: question.heading,
      items: options.map(({ label }) => label),
      ticked,
      choices: [{ key: 'd', value: VALUE, label: 'Those that are ticked' }, ...others.map(menuChoice)],
    });
    if (picked.value !== VALUE) return completeOther(picked.value as AnswerName, asker);
    ticked = picked.ticked;
    const chosen = options.filter((_, at) => ticked.includes(at)).map(({ value }) => value);
    const wrong = question.check(chosen);
    if (wrong === undefined) return { answer: 'value', values: { value: chosen } };
    message = `${wrong}. Which of them?`;
  }
}

async function completeOther(answer: AnswerName, asker: Asker): Promise<Answer | undefined> {
  const { needsReason } = await import('../answers.ts');
  if (!needsReason(answer)) return { answer };
  const reason = await asker.words('Why?');
  return reason === undefined ? undefined : { answer, reason };
}

function optionsOf(question: InputQuestion): readonly MenuChoice[] {
  if (question.input.type === 'boolean') {
    return [
      { key: 'y', value: `${VALUE}true`, label: 'Yes' },
      { key: 'n', value: `${VALUE}false`, label: 'No' },
    ];
  }
  return question.input.options.map((option, index) => ({
    key: index < 9 ? String(index + 1) : '',
    value: VALUE + option.value,
    label: option.label,
  }));
}

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
