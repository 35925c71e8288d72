import type { Result } from '../../base/result.ts';
import { err, ok } from '../../base/result.ts';
import type { FieldConfig } from '../prompt/field.ts';
import { BACK, field } from '../prompt/field.ts';
import type { FinderConfig } from '../prompt/finder.ts';
import type { MenuAnswer, MenuConfig } from '../prompt/menu.ts';
import { menu } from '../prompt/menu.ts';
import type { TerminalView } from '../terminal.ts';
import type { Line } from '../text.ts';

/** The ways to ask within one question: its panel stays above each of them. */
export interface Asker {
  menu(config: Omit<MenuConfig, 'theme' | 'confirms' | 'columns'>): Promise<MenuAnswer>;
  /** Undefined: Escape, back to the choices. */
  field<T>(config: Omit<FieldConfig<T>, 'theme' | 'columns'>): Promise<T | undefined>;
  /** The numbers of the rows that were taken out of a long list. Undefined: Escape, back to the choices. */
  find(config: Omit<FinderConfig, 'theme' | 'columns' | 'height'>): Promise<readonly number[] | undefined>;
  /** Words that may not be missing: a reason, a note. */
  words(message: string): Promise<string | undefined>;
  /** One of some names: as much of it as tells it from the others. */
  oneOf(message: string, names: readonly string[]): Promise<string | undefined>;
  /** The name, typed letter by letter; nothing else is accepted. */
  typedName(name: string): Promise<string | undefined>;
}

export interface AskerOptions {
  readonly panel: (width: number) => readonly Line[];
  /** A key only goes to its choice, and Enter takes it. */
  readonly confirms: boolean;
  readonly signal: AbortSignal;
}

export function createAsker(view: TerminalView, { panel, confirms, signal }: AskerOptions): Asker {
  const { theme } = view;
  const ask = async <T>(config: Omit<FieldConfig<T>, 'theme' | 'columns'>): Promise<T | undefined> => {
    const { columns } = view;
    const answer = await view.prompt(
      panel,
      field,
      { ...config, columns, theme },
      { reading: 'text', signal },
    );
    return answer === BACK ? undefined : (answer as T);
  };
  return {
    menu: (config) => {
      const { columns } = view;
      return view.prompt(panel, menu, { ...config, confirms, columns, theme }, { reading: 'key', signal });
    },
    field: ask,
    find: async (config) => {
      const { finder } = await import('../prompt/finder.ts');
      const { columns, promptHeight: height } = view;
      const whole = { ...config, columns, height, theme };
      const answer = await view.prompt(panel, finder, whole, { reading: 'text', signal });
      return answer === BACK ? undefined : answer;
    },
    ...wordAskers(ask, 'Escape'),
  };
}

/** Ways to ask for words, by a field. `back`: what leads out of it. */
export function wordAskers(ask: Asker['field'], back: string): Pick<Asker, 'words' | 'oneOf' | 'typedName'> {
  return {
    words: (message) => ask({ message, parse: (typed) => someWords(typed, back), comment: () => undefined }),
    oneOf: (message, names) =>
      ask({
        message,
        parse: (typed) => theOne(typed, names, back),
        comment: (typed) => {
          const found = theOne(typed, names, back);
          return { good: found.ok, text: found.ok ? `${found.value}. Enter goes on.` : names.join(', ') };
        },
      }),
    typedName: (name) =>
      ask({
        message: `Type ${name} to go ahead:`,
        parse: (typed) =>
          typed === name ? ok(typed) : err(`Expected ${name}${typed === '' ? '' : `, not ${typed}`}.`),
        comment: (typed) => letterByLetter(typed, name, back),
      }),
  };
}

function theOne(typed: string, names: readonly string[], back: string): Result<string, string> {
  const begun = names.filter((name) => name.toLowerCase().startsWith(typed.trim().toLowerCase()));
  const exact = names.find((name) => name.toLowerCase() === typed.trim().toLowerCase());
  const found = exact ?? (typed.trim() !== '' && begun.length === 1 ? begun[0] : undefined);
  return found === undefined ? err(`One of ${names.join(', ')}; ${back} goes back.`) : ok(found);
}

const someWords = (typed: string, back: string): Result<string, string> =>
  typed.trim() === '' ? err(`A few words are needed; ${back} goes back.`) : ok(typed.trim());

function letterByLetter(
  typed: string,
  name: string,
  back: string,
): { readonly good: boolean; readonly text: string } {
  if (typed === name) return { good: true, text: 'That is it: Enter goes ahead.' };
  if (name.startsWith(typed)) return { good: true, text: `Right so far; ${back} goes back.` };
  return { good: false, text: `Expected ${name}.` };
}
