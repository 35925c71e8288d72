import { oneLine } from '../../base/text.ts';
import type { Asker } from '../ask/asker.ts';
import { wordAskers } from '../ask/asker.ts';
import { matching } from '../long-lists.ts';
import type { MenuAnswer, MenuChoice } from '../prompt/menu.ts';
import type { Theme } from '../theme.ts';

export interface LineAskerOptions {
  readonly theme: Theme;
  readonly say: (text: string) => void;
  /** The lines of one answer. */
  readonly read: (options: { readonly hidden: boolean }) => Promise<readonly string[]>;
}

/** Typed where an answer is begun that one does not want to give after all. */
const BACK = 'back';

type Menu = Parameters<Asker['menu']>[0];
type Find = Parameters<Asker['find']>[0];

/** Asks in lines: choices by a letter or a number, and Enter. Nothing moves, and nothing is drawn anew. */
export function createLineAsker({ theme, say, read }: LineAskerOptions): Asker {
  const bad = (text: string): void => say(theme.paint('bad', `${theme.symbols.bad} ${text}`));
  const bold = (text: string): void => say(theme.paint('bold', oneLine(text)));

  /** A choice is one line: a paste takes none. */
  const readOne = async (): Promise<string> => {
    for (;;) {
      const lines = await read({ hidden: false });
      if (lines.length === 1) return (lines[0] ?? '').trim();
      bad('Several lines at once choose nothing: one answer, then Enter.');
    }
  };

  const field: Asker['field'] = async ({ message, initial, whenEmpty, parse, hidden }) => {
    bold(message);
    const empty = initial ?? whenEmpty;
    say(`(${empty === undefined ? '' : `Enter alone: ${oneLine(empty)}; `}${BACK}: to the choices)`);
    for (;;) {
      const typed = (await read({ hidden: hidden === true })).join(' ').trim();
      if (typed === BACK) return undefined;
      const result = parse(typed === '' ? (initial ?? '') : typed);
      if (result.ok) return result.value;
      bad(result.error);
    }
  };

  const menu = async (config: Menu): Promise<MenuAnswer> => {
    let { ticked } = config;
    const keys = config.choices.map(({ key }, index) => (key === '' ? String(index + 1) : key));
    for (;;) {
      bold(config.message);
      for (const each of menuRows(config, ticked, keys, theme)) say(each);
      const typed = (await readOne()).toLowerCase();
      const numbers = numbersIn(typed, config.items.length);
      const choice = choiceFor(config, typed, keys);
      if (numbers !== undefined) ticked = toggled(ticked, numbers);
      else if (choice === undefined) {
        bad(typed === '' ? 'Nothing is chosen yet.' : `${oneLine(typed)} is none of ${keys.join(', ')}.`);
      } else if (choice.value === config.needsAllTicked && ticked.length < config.items.length) {
        bad(
          `${String(config.items.length - ticked.length)} of ${String(config.items.length)} not ticked yet.`,
        );
      } else return { value: choice.value, ticked };
    }
  };

  const find = async (config: Find): Promise<readonly number[] | undefined> => {
    let shown: readonly number[] = config.rows.map((_, row) => row);
    for (;;) {
      bold(config.message);
      for (const each of findRows(config, shown)) say(each);
      const typed = await readOne();
      if (typed === BACK) return undefined;
      const preset = config.ticked ?? (config.preselected === undefined ? [] : [config.preselected]);
      if (typed === '' && preset.length > 0) return preset;
      const numbers = numbersIn(typed, config.rows.length);
      if (numbers !== undefined && (config.ticked !== undefined || numbers.length === 1)) return numbers;
      const found = typed === '' ? [] : matching(config.rows, typed);
      if (found.length === 1) return found;
      if (found.length === 0) bad(typed === '' ? 'Nothing is chosen yet.' : 'Nothing has that in it.');
      else shown = found;
    }
  };

  return { menu, field, find, ...wordAskers(field, `"${BACK}"`) };
}

function* menuRows(
  { heading, items, choices, preselected }: Menu,
  ticked: readonly number[],
  keys: readonly string[],
  { symbols }: Theme,
): Generator<string> {
  if (heading !== undefined) yield `     ${oneLine(heading)}`;
  for (const [index, item] of items.entries()) {
    const box = ticked.includes(index) ? `[${symbols.ok}] ticked` : '[ ]';
    yield `  ${String(index + 1)}  ${box} ${oneLine(item)}`;
  }
  for (const [index, { label }] of choices.entries()) yield `  ${keys[index] ?? ''}  ${oneLine(label)}`;
  const at = choices.findIndex(({ value }) => value === preselected);
  const enter = at < 0 ? '' : `; Enter alone: ${keys[at] ?? ''}`;
  yield items.length === 0 ? `(a letter, then Enter${enter})` : `(numbers tick, a letter chooses${enter})`;
}

function* findRows({ rows, heading, ticked }: Find, shown: readonly number[]): Generator<string> {
  if (heading !== undefined) yield `     ${oneLine(heading)}`;
  for (const row of shown) {
    const mark = ticked?.includes(row) === true ? ' (ticked)' : '';
    yield `  ${String(row + 1)}  ${oneLine(rows[row] ?? '')}${mark}`;
  }
  const what = ticked === undefined ? 'a number' : 'numbers with commas between them';
  yield `(${what}, or words that narrow the list; ${BACK}: other answers)`;
}

/** By its key, its word (`decline`), or Enter alone where that takes one. */
const choiceFor = (
  { choices, preselected }: Menu,
  typed: string,
  keys: readonly string[],
): MenuChoice | undefined =>
  typed === ''
    ? choices.find(({ value }) => value === preselected)
    : choices.find(({ value }, index) => keys[index] === typed || value.toLowerCase() === typed);

/** Rows that were named by their numbers, from 0; undefined where the text is something else. */
function numbersIn(typed: string, rows: number): readonly number[] | undefined {
  if (!/^\d+(?:[\s,]+\d+)*$/.test(typed)) return undefined;
  const numbers = typed.split(/[\s,]+/).map((each) => Number(each) - 1);
  return numbers.every((row) => row >= 0 && row < rows) ? numbers : undefined;
}

const toggled = (ticked: readonly number[], rows: readonly number[]): readonly number[] => [
  ...ticked.filter((row) => !rows.includes(row)),
  ...rows.filter((row) => !ticked.includes(row)),
];
