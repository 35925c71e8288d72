import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import { chooseTemplate } from '../choose-template.ts';
import { EXIT } from '../exit.ts';
import type { ExitCode } from '../exit.ts';
import { invocation } from '../invocation.ts';
import { writeNewFiles } from '../new-files.ts';
import { shownPath } from '../paths.ts';
import { schemaAddress } from '../schema-line.ts';
import { folderFiles } from '../templates.ts';
import { print, say, style } from '../terminal.ts';
import { CHECK, drillOf, nextSteps, NOT_PORTABLE, today } from './new.ts';

export interface InitOptions {
  readonly playbooks: string;
  readonly template?: string;
}

/** Where runs are kept unless said otherwise; their journals belong to no repository. */
const STORE = '.drillbook/';

/**
 * `drillbook init`: what a team begins with: an environment, a world where there can be one, a playbook that can
 * be drilled, a schedule, a workflow for CI, the store out of git's sight.
 */
export async function init({ playbooks, template: name }: InitOptions): Promise<ExitCode> {
  const template = await chooseTemplate(name, 'What is it that you want to be able to recover?');
  const { id, playbookTitle: title } = template;
  const files = folderFiles(template, { id, title, playbooks, today: today() });
  writeNewFiles(files);
  for (const { path } of files) print(`${style.green('made')}     ${shownPath(path)}`);
  if (ignoreStore()) print(`${style.green('changed')}  .gitignore: ${STORE}, where runs are kept`);
  if (!schemaAddress(playbooks, 'playbook.bundle.schema.json').isPortable) say(NOT_PORTABLE);
  const environment = files.find(({ path }) => path.endsWith('staging.yaml'))?.path ?? playbooks;
  const ownThings: readonly (readonly [string, string])[] = [
    ['', `write your own things into ${shownPath(environment)}`],
    [invocation('doctor --env staging'), 'looks whether they can be reached'],
    [invocation(`plan ${id} --env staging`), 'what each step would do there'],
  ];
  const drill = drillOf(id, template);
  print(
    nextSteps([
      CHECK,
      ...(template.environment === 'sandbox' ? [drill, ...ownThings] : [...ownThings, drill]),
      [invocation('new ID'), 'one more playbook'],
    ]),
  );
  return EXIT.done;
}

/** Adds a line at the end, unless it is there. */
function ignoreStore(): boolean {
  const text = existsSync('.gitignore') ? readFileSync('.gitignore', 'utf8') : '';
  if (/^\/?\.drillbook\/?$/m.test(text)) return false;
  appendFileSync('.gitignore', `${text === '' || text.endsWith('\n') ? '' : '\n'}${STORE}\n`);
  return true;
}
