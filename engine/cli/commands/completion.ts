import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Complete } from '@bomb.sh/tab';
import type { Command } from 'commander';
import type { Json } from '../../base/json.ts';
import { isJsonObject } from '../../base/json.ts';
import { countedPlaybooks, DEFAULT_FOLDER } from '../folder.ts';
import { environmentNames, shippedWorldNames, worldNames } from '../loading.ts';
import { databaseAddress, storeFolder } from '../paths.ts';
import { print } from '../terminal.ts';

const COMMAND = 'drillbook';

/** Prints the script by which a shell asks `drillbook complete` what may come next. */
export async function completionScript(shell: string): Promise<void> {
  const { script } = await import('@bomb.sh/tab');
  const before = BEFORE.get(shell);
  if (before !== undefined) print(before);
  script(shell, COMMAND, COMMAND);
}

/** What a shell may lack that the script counts on: the words of a line where bash-completion is missing, zsh's `compdef`. */
const BEFORE: ReadonlyMap<string, string> = new Map([
  [
    'bash',
    `if ! declare -F _get_comp_words_by_ref >/dev/null; then
  _get_comp_words_by_ref() {
    words=("\${COMP_WORDS[@]}") cword=$COMP_CWORD
    cur=\${words[cword]} prev=\${words[cword - 1]}
  }
fi
`,
  ],
  [
    'zsh',
    `#compdef ${COMMAND}
if (( ! $+functions[compdef] )); then
  autoload -Uz compinit && compinit
fi
`,
  ],
]);

/** Prints what may come next, as the scripts read it. `words`: the line after the name of the program; the last is unfinished. */
export async function completeWords(program: Command, words: readonly string[]): Promise<void> {
  const { RootCommand } = await import('@bomb.sh/tab');
  const root = new RootCommand();
  const names = await knownNames(words);
  const offer =
    (kind: string) =>
    (complete: Complete): void => {
      for (const name of names[kind] ?? []) complete(name, '');
    };
  for (const command of program.createHelp().visibleCommands(program)) {
    const entry = root.command(command.name(), command.description());
    for (const { long, short, description, required, optional, argChoices } of command.options) {
      const name = long?.slice(2) ?? '';
      if (!required && !optional) entry.option(name, description, short?.slice(1));
      else entry.option(name, description, argChoices === undefined ? offer(name) : choices(argChoices));
    }
    for (const argument of command.registeredArguments) {
      entry.argument(
        argument.name(),
        argument.argChoices === undefined ? offer(argument.name()) : choices(argument.argChoices),
        argument.variadic,
      );
    }
  }
  root.parse([...words]);
}

const choices =
  (values: readonly string[]) =>
  (complete: Complete): void => {
    for (const value of values) complete(value, '');
  };

/** What there is, by the name of the argument or the option that takes it. */
async function knownNames(words: readonly string[]): Promise<Readonly<Record<string, readonly string[]>>> {
  const playbooks = valueOf(words, '--playbooks') ?? DEFAULT_FOLDER;
  const library = countedPlaybooks(playbooks);
  const ids = await library.ids();
  const chosen = words.find((word) => ids.includes(word));
  return {
    playbook: ids,
    env: ['sandbox', ...environmentNames(playbooks)],
    world: [...new Set([...worldNames(playbooks), ...shippedWorldNames()])],
    run: runsIn(valueOf(words, '--store')),
    rehearsal: chosen === undefined ? [] : await rehearsalsOf((await library.find(chosen))?.text ?? ''),
  };
}

function valueOf(words: readonly string[], option: string): string | undefined {
  const at = words.indexOf(option);
  return at === -1 ? undefined : words[at + 1];
}

/** Of a store in a database none are said: a key that is pressed must not wait for a server. */
const runsIn = (store: string | undefined): readonly string[] =>
  databaseAddress(store) === undefined ? foldersIn(join(storeFolder(store), 'runs')) : [];

/** The newest first. */
const foldersIn = (folder: string): readonly string[] => entriesIn(folder).toSorted().reverse();

function entriesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

/** Also of a playbook that is being written, and has errors. */
async function rehearsalsOf(text: string): Promise<readonly string[]> {
  const { parseDocument } = await import('yaml');
  const playbook = parseDocument(text).toJS() as Json;
  const rehearsals = isJsonObject(playbook) ? playbook['rehearsals'] : undefined;
  return isJsonObject(rehearsals) ? Object.keys(rehearsals) : [];
}
