import {
  createPrompt,
  isDownKey,
  isEnterKey,
  isTabKey,
  isUpKey,
  useKeypress,
  useMemo,
  useState,
} from '@inquirer/core';
import { columns, truncate, wrap } from '../../base/layout.ts';
import { matching } from '../long-lists.ts';
import type { Theme } from '../theme.ts';
import { BACK } from './field.ts';
import { aroundActive } from './frame.ts';

export interface FinderConfig {
  readonly message: string;
  /** What the columns of the rows are called. */
  readonly heading?: string | undefined;
  readonly rows: readonly string[];
  /** Ticked already; absent where one alone is taken. */
  readonly ticked?: readonly number[];
  /** The row that Enter gives before anything was pressed; absent where Enter alone must do nothing. */
  readonly preselected?: number;
  readonly columns: number;
  /** How many lines it may take. */
  readonly height: number;
  readonly theme: Theme;
}

const NONE = -1;

/** A long list that gets shorter while one types. It gives the numbers of the rows that were taken, or `BACK`. */
export const finder = createPrompt<readonly number[] | typeof BACK, FinderConfig>((config, done) => {
  const { rows, theme } = config;
  const [typed, setTyped] = useState('');
  const [ticked, setTicked] = useState<readonly number[] | undefined>(config.ticked);
  const [active, setActive] = useState(config.preselected ?? NONE);
  const [problem, setProblem] = useState('');
  const found = useMemo(() => matching(rows, typed), [typed]);
  const at = found.indexOf(active);

  useKeypress((event, rl) => {
    setProblem('');
    if (event.name === 'escape') done(BACK);
    else if (isUpKey(event) || isDownKey(event)) {
      const step = isUpKey(event) ? -1 : 1;
      const next = at === NONE && step < 0 ? found.length - 1 : at + step;
      setActive(found.at(next % Math.max(1, found.length)) ?? NONE);
    } else if (isTabKey(event)) {
      // readline has put the tab into the line.
      rl.clearLine(0);
      rl.write(typed);
      if (ticked !== undefined && at !== NONE) setTicked(toggled(ticked, active));
    } else if (isEnterKey(event)) {
      const taken = ticked ?? (at === NONE ? [] : [active]);
      if (taken.length > 0 || ticked !== undefined) done([...taken].sort((one, other) => one - other));
      else {
        rl.write(typed);
        setProblem(found.length === 0 ? 'Nothing has that in it.' : 'Nothing is chosen yet: arrows choose.');
      }
    } else if (rl.line !== typed) {
      setTyped(rl.line);
      setActive(matching(rows, rl.line)[0] ?? NONE);
    }
  });

  const head = headOf(config);
  const below = [
    ...aroundActive(
      listed(config, found, { active, ticked }),
      Math.max(3, config.height - head.length - 2),
      theme.symbols.open,
    ),
    problem === ''
      ? theme.paint('dim', countOf(config, found.length, ticked))
      : theme.paint('warn', truncate(problem, config.columns, theme.symbols.ellipsis)),
  ];
  return [`${head.join('\n')}\n> ${typed}`, below.join('\n')];
});

const toggled = (ticked: readonly number[], row: number): readonly number[] =>
  ticked.includes(row) ? ticked.filter((each) => each !== row) : [...ticked, row];

/** The question, and how to answer it: on one line where there is room. */
function headOf({ message, ticked, columns: width, theme }: FinderConfig): readonly string[] {
  const keys =
    ticked === undefined
      ? 'type to filter, arrows and Enter choose, Escape: other answers'
      : 'type to filter, Tab ticks, Enter takes those that are ticked, Escape: other answers';
  const bold = (text: string): string => theme.paint('bold', text);
  const dim = (text: string): string => theme.paint('dim', text);
  if (columns(message) + columns(keys) + 2 <= width) return [`${bold(message)}  ${dim(keys)}`];
  return [...wrap(message, width - 1).map(bold), ...wrap(keys, width - 1).map(dim)];
}

/** The heading, which stays, and the rows below it. */
function listed(
  { rows, heading, columns: width, theme }: FinderConfig,
  found: readonly number[],
  { active, ticked }: { readonly active: number; readonly ticked: readonly number[] | undefined },
): readonly string[] {
  const indent = ' '.repeat(ticked === undefined ? 2 : 6);
  const lines = found.flatMap((row) => {
    const mark = row === active ? `${theme.paint('accent', theme.symbols.open)} ` : '  ';
    const box = ticked === undefined ? '' : `[${ticked.includes(row) ? theme.symbols.ok : ' '}] `;
    const [first = '', ...rest] = wrap(rows[row] ?? '', width - indent.length - 1);
    return [`${mark}${box}${first}`, ...rest.map((each) => indent + each)];
  });
  return [theme.paint('dim', heading === undefined ? '' : indent + heading), ...lines];
}

function countOf({ rows }: FinderConfig, found: number, ticked: readonly number[] | undefined): string {
  const shown = `${String(found)} of ${String(rows.length)}`;
  return ticked === undefined ? shown : `${shown}, ${String(ticked.length)} ticked`;
}
