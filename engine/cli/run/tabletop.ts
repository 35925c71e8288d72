import type { Environment } from '../../model/environment.ts';
import type { Playbook, Rehearsal } from '../../model/playbook.ts';
import { permittedAnswers, readAnswers } from '../answers.ts';
import { CommandError, EXIT } from '../exit.ts';
import type { ExitCode } from '../exit.ts';
import { invocation } from '../invocation.ts';
import { environmentNames, findEnvironment, findPlaybook } from '../loading.ts';
import { expectCode } from '../own-kinds.ts';
import { namedRehearsal } from './choose-rehearsal.ts';
import type { SessionOptions } from './session.ts';
import { startRun } from './start.ts';

interface TabletopOptions extends SessionOptions {
  readonly env: string;
  readonly playbooks: string;
  readonly rehearsal?: string;
  readonly reason?: string;
  readonly answers?: string;
  readonly yes?: boolean;
}

/** `drillbook drill PLAYBOOK --tabletop`: people and clock, and nothing that is touched; so it may be for production. */
export async function tabletop(name: string, options: TabletopOptions): Promise<ExitCode> {
  const environment = await environmentOf(options);
  const { playbook, sources, ownKinds } = await findPlaybook(name, options.playbooks, environment);
  const rehearsal = rehearsalOf(playbook, options.rehearsal);
  const given = { answers: await readAnswers(options.answers), yes: options.yes };
  return startRun(
    {
      mode: 'tabletop',
      playbook,
      sources,
      // Their code is loaded, as it says what a step would do; nothing of it is run.
      ownKinds: await expectCode(ownKinds),
      answers: permittedAnswers(given, { environment: environment.kind, playbook, isTabletop: true }),
      environment,
      ...(options.reason !== undefined && { reason: options.reason }),
      ...(rehearsal !== undefined && { rehearsal }),
    },
    options,
  );
}

/** A sandbox names its things only once it is up: the table needs an environment that is written down. */
async function environmentOf({ env, playbooks }: TabletopOptions): Promise<Environment> {
  const names = environmentNames(playbooks);
  const [only, ...others] = names;
  const name = env !== 'sandbox' || names.includes(env) ? env : others.length === 0 ? only : undefined;
  if (name !== undefined) return findEnvironment(name, playbooks);
  throw new CommandError('a tabletop is about an environment, and which one was not said', {
    exitCode: EXIT.invalid,
    hint:
      only === undefined
        ? `${invocation('init')} makes a first one; or name its file: --env FILE. Nothing of it is touched.`
        : `Say which: --env ${names.join(', --env ')}. Nothing of it is touched, be it production.`,
  });
}

/** The one asked for, else the first: at a table it does not matter where it might break something. */
const rehearsalOf = (playbook: Playbook, name: string | undefined): Rehearsal | undefined =>
  name === undefined ? playbook.rehearsals[0] : namedRehearsal(playbook, name);
