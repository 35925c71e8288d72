import { Instant } from '../../base/instant.ts';
import type { Result } from '../../base/result.ts';
import { err, ok } from '../../base/result.ts';
import type { Value } from '../../base/value.ts';
import type { Answer, AnswerName, InputQuestion } from '../../model/ports.ts';
import type { MenuChoice } from '../prompt/menu.ts';
import { localTime } from '../time.ts';
import { explainValue, formatValue, parseInput } from '../values.ts';
import type { Asker } from './asker.ts';

/** Asks for an input by its type. Undefined: Escape, to the other choices of the question. */
export async function askInput(question: InputQuestion, asker: Asker): Promise<Answer | undefined> {
  const { type } = question.input;
  return type === 'choice' || type === 'boolean'
    ? askByMenu(question, optionsOf(question), asker)
    : askByField(question, asker);
}

const VALUE = 'value/';

async function askByMenu(
  question: InputQuestion,
  options: readonly MenuChoice[],
  asker: Asker,
): Promise<Answer | undefined> {
  let message = question.heading === undefined ? 'Choose:' : `  ${question.heading}`;
  for (;;) {
    const others = question.choices.filter((choice) => choice !== 'value');
    const { menuChoice } = await import('../answers.ts');
    const { value } = await asker.menu({
      message,
      choices: [...options, ...others.map(menuChoice)],
      items: [],
      ticked: [],
      ...(question.default === undefined ? {} : { preselected: VALUE + formatValue(question.default) }),
    });
    if (!value.startsWith(VALUE)) return completeOther(value as AnswerName, asker);
    const text = value.slice(VALUE.length);
    const chosen = question.input.type === 'boolean' ? text === 'true' : text;
    const wrong = question.check(chosen);
    if (wrong === undefined) return { answer: 'value', values: { value: chosen } };
    message = `${wrong}. Choose another:`;
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

async function askByField(question: InputQuestion, asker: Asker): Promise<Answer | undefined> {
  const { input } = question;
  const parse = (typed: string): Result<Value, string> =>
    typed.trim() === '' && question.default !== undefined
      ? ok(question.default)
      : parseInput(input, typed, currentMoment());
  const accept = (typed: string): Result<Value, string> => {
    const parsed = parse(typed);
    const wrong = parsed.ok ? question.check(parsed.value) : undefined;
    return wrong === undefined ? parsed : err(wrong);
  };
  const value = await asker.field({
    message: EXAMPLES[input.type]?.() ?? 'Answer:',
    ...(question.default === undefined
      ? {}
      : { whenEmpty: input.type === 'secret' ? GIVEN_BEFORE : formatValue(question.default) }),
    parse: accept,
    ...(input.type === 'secret' ? { hidden: true } : {}),
    comment: (typed) => {
      if (input.type === 'secret') return undefined;
      const parsed = parse(typed);
      // Half of a moment is not wrong yet: how to write it is said, calmly.
      if (!parsed.ok) return { good: true, text: parsed.error };
      const meaning = explainValue(parsed.value, typed, currentMoment());
      const wrong = question.check(parsed.value);
      const text = [meaning, wrong].filter((part) => part !== undefined).join(': ');
      return text === '' ? undefined : { good: wrong === undefined, text };
    },
  });
  return value === undefined ? undefined : { answer: 'value', values: { value } };
}

/** Stands where a secret that was given beforehand would be offered. */
const GIVEN_BEFORE = 'as given';

const currentMoment = (): Instant => Instant.fromMillis(Date.now());

const EXAMPLES: Readonly<Record<string, () => string>> = {
  time: () => `When (10m ago, now, ${localTime(Date.now())}):`,
  duration: () => 'How long (30m, 1h30m):',
  number: () => 'Number:',
  list: () => 'List (a, b, c):',
  secret: () => 'Secret (it is not shown):',
};
