import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { starterEnvironment, starterPlaybook } from '../../load/starter.ts';
import { EXIT } from '../exit.ts';
import type { ExitCode } from '../exit.ts';
import { invocation } from '../invocation.ts';
import { alreadyThere, writeNewFile } from '../new-files.ts';
import { shownPath } from '../paths.ts';
import { schemaAddress } from '../schema-line.ts';
import { print, style } from '../terminal.ts';
import { loop, nextSteps, NOT_PORTABLE, today } from './new.ts';

export interface InitOptions {
  readonly playbooks: string;
}

const PLAYBOOK = 'deleted-files';
const ENVIRONMENT = 'staging';
/** Where runs are kept unless said otherwise; their journals belong to no repository. */
const STORE = '.drillbook/';

/** `drillbook init`: what a team needs to begin: an environment, a first playbook, the store out of git's sight. */
export function init({ playbooks }: InitOptions): ExitCode {
  const playbook = join(playbooks, `${PLAYBOOK}.yaml`);
  const environment = join(playbooks, 'environments', `${ENVIRONMENT}.yaml`);
  const taken = [playbook, environment].filter((path) => existsSync(path));
  if (taken.length > 0) throw alreadyThere(taken);
  const schema = schemaAddress(playbook, 'playbook.bundle.schema.json');
  const environmentSchema = schemaAddress(environment, 'environment.schema.json');
  const starter = { id: PLAYBOOK, title: 'Deleted files', schema: schema.address, today: today() };
  writeNewFile(playbook, starterPlaybook(starter));
  writeNewFile(environment, starterEnvironment({ id: ENVIRONMENT, schema: environmentSchema.address }));
  print(`${style.green('made')}     ${shownPath(playbook)}`);
  print(`${style.green('made')}     ${shownPath(environment)}`);
  if (ignoreStore()) print(`${style.green('changed')}  .gitignore: ${STORE}, where runs are kept`);
  if (!schema.isPortable) print(NOT_PORTABLE);
  print(
    nextSteps([
      ...loop(PLAYBOOK),
      ['', `write your own services and buckets into ${shownPath(environment)}`],
      [invocation(`doctor --env ${ENVIRONMENT}`), 'looks whether they can be reached'],
      [invocation(`plan ${PLAYBOOK} --env ${ENVIRONMENT}`), 'what each step would do there'],
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
