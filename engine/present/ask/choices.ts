import { isValueList } from '../../base/value.ts';
import type { Answer, AnswerName, InputQuestion } from '../../model/ports.ts';
import { menuChoice, needsReason } from '../answers.ts';
import { LONG } from '../long-lists.ts';
import type { MenuChoice } from '../prompt/menu.ts';
import { formatValue } from '../values.ts';
import type { Asker } from './asker.ts';

/** Before the answers of a menu that are values. */
export const VALUE = 'value/';

/** One of a few, by its number or arrows. */
export async function askByMenu(question: InputQuestion, asker: Asker): Promise<Answer | undefined> {
  let message = 'Choose:';
  for (;;) {
    const { value } = await asker.menu({
      message,
      heading: question.heading,
      choices: [...optionsOf(question), ...othersOf(question)],
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

/** Several out of a few, which are ticked. */
export async function askByTicks(question: InputQuestion, asker: Asker): Promise<Answer | undefined> {
  const { options } = question.input;
  let ticked = preset(question);
  let message = 'Which of them?';
  for (;;) {
    const picked = await asker.menu({
      message,
      heading: question.heading,
      items: options.map(({ label }) => label),
      ticked,
      choices: [{ key: 'd', value: VALUE, label: 'Those that are ticked' }, ...othersOf(question)],
    });
    if (picked.value !== VALUE) return completeOther(picked.value as AnswerName, asker);
    ticked = picked.ticked;
    const chosen = options.filter((_, at) => ticked.includes(at)).map(({ value }) => value);
    const wrong = question.check(chosen);
    if (wrong === undefined) return { answer: 'value', values: { value: chosen } };
    message = `${wrong}. Which of them?`;
  }
}

/** One or several out of many: the list gets shorter while one types. Undefined: Escape. */
export async function askByTyping(question: InputQuestion, asker: Asker): Promise<Answer | undefined> {
  const { options, type } = question.input;
  const several = type === 'list';
  let at = preset(question);
  let message = several ? 'Which of them?' : 'Choose:';
  for (;;) {
    const found = await asker.find({
      message,
      heading: question.heading,
      rows: options.map(({ label }) => label),
      ...(several ? { ticked: at } : at[0] !== undefined && { preselected: at[0] }),
    });
    if (found === undefined) return undefined;
    at = found;
    const values = found.flatMap((row) => options[row]?.value ?? []);
    const chosen = several ? values : (values[0] ?? null);
    const wrong = question.check(chosen);
    if (wrong === undefined) return { answer: 'value', values: { value: chosen } };
    message = `${wrong}. ${several ? 'Which of them?' : 'Choose another:'}`;
  }
}

/** The options that the default has. */
function preset({ default: value, input }: InputQuestion): readonly number[] {
  const wanted = isValueList(value) ? value.map(formatValue) : [formatValue(value ?? null)];
  return input.options.flatMap((option, at) => (wanted.includes(option.value) ? [at] : []));
}

/** What else can be done at a question than answering it. */
export const othersOf = ({ choices }: InputQuestion): readonly MenuChoice[] =>
  choices.filter((choice) => choice !== 'value').map(menuChoice);

/** An answer that the keyboard has a digit for, if it is one of the first nine. */
export const numbered = (index: number, value: string): Pick<MenuChoice, 'key' | 'value'> => ({
  key: index < LONG ? String(index + 1) : '',
  value: VALUE + value,
});

/** An answer that is no value; undefined where its reason was broken off. */
export async function completeOther(answer: AnswerName, asker: Asker): Promise<Answer | undefined> {
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
    ...numbered(index, option.value),
    label: option.label,
  }));
}
