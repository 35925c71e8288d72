import { columns, pad, prose } from '../../base/layout.ts';
import { join } from 'node:path';
import { folderLibrary } from '../../load/library.ts';
import { chooseTemplate } from '../choose-template.ts';
import { systemClock } from '../clock.ts';
import { CommandError, EXIT } from '../exit.ts';
import type { ExitCode } from '../exit.ts';
import { invocation } from '../invocation.ts';
import { shadowedIds } from '../folder.ts';
import { alreadyThere, writeNewFiles } from '../new-files.ts';
import { shownPath } from '../paths.ts';
import { schemaAddress } from '../schema-line.ts';
import { takeOverFiles } from '../take-over.ts';
import { playbookFiles, titleOf } from '../templates.ts';
import type { Template } from '../templates.ts';
import { listWidth, print, say, style } from '../terminal.ts';

export interface NewOptions {
  readonly playbooks: string;
  readonly title?: string;
  /** A shipped playbook that is taken over. */
  readonly from?: string;
  /** What it is about. */
  readonly template?: string;
}

/** `drillbook new ID`: one more playbook, which can be drilled as it is. */
export async function newPlaybook(id: string, options: NewOptions): Promise<ExitCode> {
  checkId(id);
  const taken = await folderLibrary([options.playbooks]).find(id);
  if (taken !== undefined) throw alreadyThere([taken.path]);
  if (options.from !== undefined) return takeOver(id, options.from, options);
  const template = await chooseTemplate(options.template, 'What is the playbook about?');
  const { playbooks, title = titleOf(id) } = options;
  const files = playbookFiles(template, { id, title, playbooks, today: today() });
  writeNewFiles(files);
  for (const { path } of files) print(`${style.green('made')}  ${shownPath(path)}`);
  if (!schemaAddress(playbooks, 'playbook.bundle.schema.json').isPortable) say(NOT_PORTABLE);
  print(
    nextSteps([
      ['', `write your disaster into ${shownPath(join(playbooks, `${id}.yaml`))}`],
      CHECK,
      drillOf(id, template),
    ]),
  );
  return EXIT.done;
}

/** A shipped playbook becomes the team's own, with the procedures that it calls. */
async function takeOver(id: string, from: string, { playbooks, title }: NewOptions): Promise<ExitCode> {
  const { files, kept, needs, isRehearsed } = await takeOverFiles({ from, id, title, playbooks });
  writeNewFiles(files);
  for (const { path } of files) print(`${style.green('made')}  ${shownPath(path)}`);
  if (kept.length > 0)
    say(`It calls ${kept.join(', ')} of ${playbooks}: your own, which were left as they are.`);
  if (shadowedIds(playbooks).includes(id)) say(`It stands in place of the shipped ${id} from now on.`);
  if (needs.length > 0) say(`It asks of the environment: ${needs.join(', ')}`);
  print(
    nextSteps([
      [invocation('check --env NAME'), 'which of these an environment lacks'],
      ...(isRehearsed ? [drillOf(id, { environment: 'sandbox' })] : []),
    ]),
  );
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

export const CHECK: readonly [string, string] = [invocation('check'), 'finds every mistake'];

/** The command of a drill, and what it does. */
export const drillOf = (
  id: string,
  { environment }: Pick<Template, 'environment'>,
): readonly [string, string] =>
  environment === 'sandbox'
    ? [invocation(`drill ${id}`), 'breaks a world of real servers, recovers it, measures']
    : [invocation(`drill ${id} --env ${environment}`), 'an exercise there'];

/** What each command does stands beside it, or below where the terminal is too narrow for both. */
export const nextSteps = (steps: readonly (readonly [string, string])[]): string => {
  const width = Math.max(...steps.map(([command]) => columns(command)));
  const room = listWidth();
  const isBeside = steps.every(([, what]) => width + columns(what) + 5 <= room);
  return [
    'next',
    ...steps.flatMap(([command, what]) => {
      if (command === '') return [prose(`  ${what}`, room)];
      if (isBeside) return [`  ${pad(command, width)}   ${style.dim(what)}`];
      return [`  ${command}`, style.dim(prose(`    ${what}`, room))];
    }),
  ].join('\n');
};

export const NOT_PORTABLE =
  'drillbook is not installed in this project: the line for completion in editors holds for this machine only. ' +
  'npm install --save-dev drillbook, before this command, makes one that holds for the whole team.';
