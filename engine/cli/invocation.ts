import { realpathSync } from 'node:fs';
import { basename, delimiter, dirname, relative, sep } from 'node:path';
import { quote } from '../kinds/machine/quote.ts';

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

/** A command line of drillbook as whoever reads it would have to type it: what is printed must work when it is pasted. */
export function invocation(rest: string): string {
  const [, script = ''] = process.argv;
  return `${commandName({ script, node: process.argv0, cwd: process.cwd(), env: process.env })} ${rest}`;
}
