import { join } from 'node:path';
import { folderLibrary } from '../../load/library.ts';
import { starterPlaybook, titleOf } from '../../load/starter.ts';
import { systemClock } from '../clock.ts';
import { CommandError, EXIT } from '../exit.ts';
import type { ExitCode } from '../exit.ts';
import { invocation } from '../invocation.ts';
import { alreadyThere, writeNewFile } from '../new-files.ts';
import { shownPath } from '../paths.ts';
import { schemaAddress } from '../schema-line.ts';
import { print, style } from '../terminal.ts';

export interface NewOptions {
  readonly playbooks: string;
  readonly title?: string;
}

/** `drillbook new ID`: one more playbook, which can be drilled as it is. */
export async function newPlaybook(id: string, options: NewOptions): Promise<ExitCode> {
  checkId(id);
  const taken = await folderLibrary([options.playbooks]).find(id);
  if (taken !== undefined) throw alreadyThere([taken.path]);
  const path = join(options.playbooks, `${id}.yaml`);
  const { address, isPortable } = schemaAddress(path, 'playbook.bundle.schema.json');
  const title = options.title ?? titleOf(id);
  writeNewFile(path, starterPlaybook({ id, title, schema: address, today: today() }));
  print(`${style.green('made')}  ${shownPath(path)}`);
  if (!isPortable) print(NOT_PORTABLE);
  print(nextSteps([['', `write your disaster into ${shownPath(path)}`], ...loop(id)]));
  return EXIT.done;
}

/** What the schema demands of `id`. */
export function checkId(id: string): void {
  if (/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/.test(id)) return;
  const better = id
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^[-0-9]+|-+$/g, '');
  throw new CommandError(`"${id}" is no name for a playbook: small letters, digits and single dashes`, {
    exitCode: EXIT.invalid,
    hint: better === '' ? 'Such as database-corruption.' : `Such as ${better}.`,
  });
}

export const today = (): string => systemClock.now().toString().slice(0, 10);

/** What a writer does again and again, as commands. */
export const loop = (id: string): readonly (readonly [string, string])[] => [
  [invocation('check'), 'finds every mistake'],
  [invocation(`drill ${id}`), 'breaks a sandbox, recovers it, measures'],
];

export const nextSteps = (steps: readonly (readonly [string, string])[]): string => {
  const width = Math.max(...steps.map(([command]) => command.length));
  return [
    'next',
    ...steps.map(([command, what]) =>
      command === '' ? `  ${what}` : `  ${command.padEnd(width)}   ${style.dim(what)}`,
    ),
  ].join('\n');
};

export const NOT_PORTABLE =
  'drillbook is not installed in this project: the line for completion in editors holds for this machine only.\n' +
  'npm install --save-dev drillbook, before this command, makes one that holds for the whole team.';
