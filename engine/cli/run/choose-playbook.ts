import { parseDocument } from 'yaml';
import type { Json } from '../../base/json.ts';
import { isJsonObject } from '../../base/json.ts';
import { table } from '../../base/layout.ts';
import { CommandError, EXIT } from '../exit.ts';
import { countedPlaybooks } from '../folder.ts';
import { invocation } from '../invocation.ts';
import { isInteractive } from '../terminal.ts';
import type { SessionOptions } from './session.ts';

/** What a drill is of, when nothing of it was said. */
export interface ChosenDrill {
  readonly playbook: string;
  readonly rehearsal?: string;
}

interface Choice {
  readonly playbook: string;
  readonly title: string;
  readonly rehearsals: readonly { readonly name: string; readonly title: string }[];
}

interface ChoiceOptions extends SessionOptions {
  readonly playbooks: string;
  readonly rehearsal?: string;
  readonly blind?: boolean;
}

/**
 * The playbook of a drill that named none, and its rehearsal: the only one there is, or what is taken from a list.
 * Where nobody can be asked, what could have been said is told.
 */
export async function chooseDrill(options: ChoiceOptions): Promise<ChosenDrill> {
  const all = await rehearsed(options.playbooks);
  const { playbook, rehearsals } = await oneOf(
    all.map((each) => ({ value: each, words: [each.playbook, each.title] })),
    'Which playbook is to be drilled?',
    options,
  );
  if (options.rehearsal !== undefined || options.blind === true || rehearsals.length < 2) return { playbook };
  const { name } = await oneOf(
    rehearsals.map((each) => ({ value: each, words: [each.name, each.title] })),
    'Which rehearsal?',
    options,
  );
  return { playbook, rehearsal: name };
}

async function oneOf<T>(
  choices: readonly { readonly value: T; readonly words: readonly string[] }[],
  question: string,
  options: ChoiceOptions,
): Promise<T> {
  const [only, ...others] = choices;
  if (only === undefined) {
    throw new CommandError('there is no playbook with a rehearsal, and nothing to drill', {
      exitCode: EXIT.invalid,
      hint: `${invocation('init')} makes a first one.`,
    });
  }
  if (others.length === 0) return only.value;
  const lines = table(choices.map(({ words }) => words));
  const asks =
    isInteractive() && options.plain !== true && options.unattended !== true && options.json !== true;
  if (!asks) {
    throw new CommandError(['which playbook is to be drilled was not said:', ...lines].join('\n  '), {
      exitCode: EXIT.invalid,
      hint: `Say it: ${invocation('drill PLAYBOOK')}. On a terminal it is asked.`,
    });
  }
  const { pick } = await import('../../present/pick.ts');
  const picked = await pick(
    question,
    choices.map(({ value }, index) => ({ name: lines[index] ?? '', value })),
  );
  if (picked.ok) return picked.value;
  throw new CommandError(picked.error, { exitCode: EXIT.interrupted, hint: 'Nothing was started.' });
}

/** Those that have a rehearsal, by their ids; also one that is being written and has errors, which the drill tells. */
async function rehearsed(folder: string): Promise<readonly Choice[]> {
  const library = countedPlaybooks(folder);
  const choices: Choice[] = [];
  for (const playbook of await library.ids()) {
    const tree = parseDocument((await library.find(playbook))?.text ?? '').toJS() as Json;
    const rehearsals = isJsonObject(tree) ? tree['rehearsals'] : undefined;
    if (!isJsonObject(rehearsals)) continue;
    choices.push({
      playbook,
      title: titleIn(tree),
      rehearsals: Object.entries(rehearsals).map(([name, each]) => ({ name, title: titleIn(each) })),
    });
  }
  return choices.filter(({ rehearsals }) => rehearsals.length > 0);
}

function titleIn(tree: Json | undefined): string {
  const title = tree !== undefined && isJsonObject(tree) ? tree['title'] : undefined;
  return typeof title === 'string' ? title : '';
}
