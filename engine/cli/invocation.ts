import { realpathSync } from 'node:fs';
import { basename, delimiter, dirname, relative, sep } from 'node:path';
import { quote } from '../kinds/context/quote.ts';

/** How a process was started. */
export interface Start {
  /** The script, as Node.js was given it: may be a link. */
  readonly script: string;
  /** As the shell found Node.js. */
  readonly node: string;
  readonly cwd: string;
  readonly env: NodeJS.ProcessEnv;
}

/**
 * The words that start this very drillbook again: `drillbook` where it is on the path, `npx drillbook` where npx
 * finds it among the modules, else Node.js and the file. In a checkout npx would build the project anew first,
 * while the clock of a run goes on.
 */
export function commandName({ script, node, cwd, env }: Start): string {
  const isLink = basename(script) === 'drillbook';
  const isInstalled = realpathSync(script).split(sep).includes('node_modules');
  if (isLink && isInstalled && env['npm_command'] === 'exec') return 'npx drillbook';
  const onPath = (env['PATH'] ?? '').split(delimiter).includes(dirname(script));
  if (isLink && onPath && env['npm_command'] === undefined) return 'drillbook';
  const file = realpathSync(script);
  const below = relative(cwd, file);
  return `${quote(node)} ${quote(below.startsWith('..') ? file : below)}`;
}

/** Options of where things are and of who acts, which a command that continues this one has to be told again. */
const CARRIED = ['playbooks', 'store', 'operator'] as const;

export interface Carried {
  /** What this command line said, by the option's name without dashes; not what the environment or a default says. */
  readonly given: Readonly<Record<string, string | undefined>>;
  /** Whether the command of this name takes the option. */
  readonly takes: (command: string, option: string) => boolean;
}

let carried: Carried = { given: {}, takes: () => false };

/** From here on `invocation` repeats these options in each command that takes them. */
export function carry(options: Carried): void {
  carried = options;
}

let before = '';

/** The same of a store that no option named: `prefix` stands before the command. */
export function carryStore(how: { readonly prefix?: string; readonly option?: string }): void {
  before = how.prefix ?? '';
  if (how.option !== undefined) carried = { ...carried, given: { ...carried.given, store: how.option } };
}

/** The rest of a command line, with what it has to be told again. */
export function withCarried(rest: string, { given, takes }: Carried): string {
  const [command = '', ...words] = rest.split(' ');
  const repeated = CARRIED.flatMap((option) => {
    const value = given[option];
    const isSaid = words.includes(`--${option}`);
    return value === undefined || isSaid || !takes(command, option) ? [] : [`--${option} ${quote(value)}`];
  });
  return [rest, ...repeated].join(' ');
}

/** A command line of drillbook as whoever reads it would have to type it: what is printed must work when it is pasted. */
export function invocation(rest: string): string {
  const [, script = ''] = process.argv;
  const name = commandName({ script, node: process.argv0, cwd: process.cwd(), env: process.env });
  return `${before}${name} ${withCarried(rest, carried)}`;
}
