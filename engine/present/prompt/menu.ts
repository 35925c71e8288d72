import {
  createPrompt,
  isDownKey,
  isEnterKey,
  isSpaceKey,
  isUpKey,
  useKeypress,
  useState,
} from '@inquirer/core';
import { columns, wrap } from '../../base/layout.ts';
import type { Theme } from '../theme.ts';

export interface MenuChoice {
  /** The one key that picks it. */
  readonly key: string;
  readonly value: string;
  readonly label: string;
}

export interface MenuConfig {
  readonly message: string;
  /** What the columns of the rows are called. */
  readonly heading?: string | undefined;
  readonly choices: readonly MenuChoice[];
  /** Things to tick, above the choices: a digit or the space bar ticks. */
  readonly items: readonly string[];
  /** Ticked already. */
  readonly ticked: readonly number[];
  /** The value that Enter gives before any arrow was pressed; absent where Enter alone must do nothing. */
  readonly preselected?: string;
  /** The choice that is refused until every item is ticked. */
  readonly needsAllTicked?: string;
  /** A key only goes to its choice, and Enter takes it. */
  readonly confirms: boolean;
  /** How wide the terminal is: a longer row goes on below its own beginning. */
  readonly columns: number;
  readonly theme: Theme;
}

export interface MenuAnswer {
  readonly value: string;
  readonly ticked: readonly number[];
}

/** Choices by one key or by arrows and Enter, with things to tick above them. */
export const menu = createPrompt<MenuAnswer, MenuConfig>((config, done) => {
  const { choices, items, theme } = config;
  const [active, setActive] = useState(startAt(config));
  const [ticked, setTicked] = useState<readonly number[]>(config.ticked);
  const [problem, setProblem] = useState('');
  const rows = items.length + choices.length;

  const pick = (choice: MenuChoice | undefined): void => {
    const open = items.length - ticked.length;
    if (choice === undefined) return;
    if (choice.value === config.needsAllTicked && open > 0) {
      setProblem(`${String(open)} of ${String(items.length)} not ticked yet.`);
    } else done({ value: choice.value, ticked });
  };
  const tick = (item: number): void => {
    setActive(item);
    setTicked(ticked.includes(item) ? ticked.filter((each) => each !== item) : [...ticked, item]);
  };

  useKeypress((event, rl) => {
    rl.clearLine(0);
    setProblem('');
    const key = keyOf(event);
    const byKey = choices.find((choice) => choice.key === key.toLowerCase());
    const digit = /^[1-9]$/.test(key) ? Number(key) - 1 : undefined;
    if (isUpKey(event) || isDownKey(event)) {
      const step = isUpKey(event) ? -1 : 1;
      setActive(active === NONE ? (step > 0 ? 0 : rows - 1) : (active + step + rows) % rows);
    } else if (isEnterKey(event) || isSpaceKey(event)) {
      if (active === NONE) setProblem('Nothing is chosen yet: press the key of a choice.');
      else if (active < items.length) tick(active);
      else if (isEnterKey(event)) pick(choices[active - items.length]);
    } else if (event.ctrl) return;
    else if (byKey !== undefined) {
      if (config.confirms) setActive(items.length + choices.indexOf(byKey));
      else pick(byKey);
    } else if (digit !== undefined && digit < items.length) tick(digit);
    else if (key !== '') setProblem(`${key} is none of ${choices.map((choice) => choice.key).join(' ')}.`);
  });

  const lines = headOf(config);
  if (config.heading !== undefined) {
    const before = items.length > 0 ? '▸ 1 [✔] ' : '▸ 1  ';
    lines.push(theme.paint('dim', ' '.repeat(before.length) + config.heading));
  }
  for (const [index, item] of items.entries()) {
    const box = ticked.includes(index) ? `[${theme.symbols.ok}]` : '[ ]';
    lines.push(...row(index === active, [String(index + 1), ` ${box} `], item, config));
  }
  for (const [index, choice] of choices.entries()) {
    const isActive = items.length + index === active;
    lines.push(...row(isActive, [choice.key, '  '], choice.label, config));
  }
  lines.push(...wrapped(problem, config).map((each) => theme.paint('warn', each)));
  return `${lines.join('\n')}${HIDE_CURSOR}`;
});

/** The question, and how to answer it: on one line where there is room. */
function headOf(config: MenuConfig): string[] {
  const { message, theme } = config;
  const keys = keysOf(config);
  const isOneLine = columns(message) + columns(keys) + 2 <= config.columns;
  const bold = (text: string): string => theme.paint('bold', text);
  const dim = (text: string): string => theme.paint('dim', text);
  if (isOneLine) return [`${bold(message)}  ${dim(keys)}`];
  return [...wrapped(message, config).map(bold), ...wrapped(keys, config).map(dim)];
}

const wrapped = (text: string, config: MenuConfig): readonly string[] =>
  text === '' ? [] : wrap(text, config.columns - 1);

function keysOf({ items, confirms }: MenuConfig): string {
  const choose = confirms ? 'a key or arrows, then Enter' : 'press a key, or arrows and Enter';
  if (items.length === 0) return choose;
  return confirms ? 'a number ticks, a letter and Enter choose' : 'a number ticks, a letter chooses';
}

const NONE = -1;
const HIDE_CURSOR = '\u001B[?25l';

function startAt({ items, choices, preselected }: MenuConfig): number {
  if (items.length > 0) return 0;
  return choices.findIndex((choice) => choice.value === preselected);
}

/** `head`: what picks the row, painted, and what stands between it and the text. */
function row(
  active: boolean,
  [key, gap]: readonly [string, string],
  text: string,
  { theme, columns: width }: MenuConfig,
): readonly string[] {
  const mark = active ? `${theme.paint('accent', theme.symbols.open)} ` : '  ';
  const indent = ' '.repeat('▸ '.length + key.length + gap.length);
  const [first = '', ...rest] = wrap(text, width - indent.length - 1);
  return [`${mark}${theme.paint('accent', key)}${gap}${first}`, ...rest.map((each) => indent + each)];
}

/** The character that was typed; inquirer's type leaves out what readline gives. */
function keyOf(event: {
  readonly name?: string;
  readonly sequence?: string;
  readonly ctrl: boolean;
}): string {
  const typed = event.sequence ?? event.name ?? '';
  return /^[\x21-\x7E]$/.test(typed) ? typed : '';
}
