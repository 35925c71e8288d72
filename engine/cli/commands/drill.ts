import type { Environment } from '../../model/environment.ts';
import { permittedAnswers, readAnswers } from '../answers.ts';
import { CommandError, EXIT } from '../exit.ts';
import type { ExitCode } from '../exit.ts';
import { findEnvironment, findPlaybook } from '../loading.ts';
import { tellLastTime } from '../noted.ts';
import { expectCode } from '../own-kinds.ts';
import { chooseRehearsal, drawRehearsal } from '../run/choose-rehearsal.ts';
import { chooseWorld } from '../run/choose-world.ts';
import { expectOutside, takeStoreOf } from '../run/environment-store.ts';
import type { RunRequest } from '../run/request.ts';
import type { SessionOptions } from '../run/session.ts';
import { tabletop } from '../run/tabletop.ts';
import { openStore } from '../run/store.ts';
import { startRun } from '../run/start.ts';
import { invocation } from '../invocation.ts';

export interface DrillOptions extends SessionOptions {
  readonly env: string;
  readonly playbooks: string;
  readonly rehearsal?: string;
  readonly blind?: boolean;
  readonly tabletop?: boolean;
  readonly reason?: string;
  readonly world?: string;
  readonly answers?: string;
  readonly yes?: boolean;
  readonly queue?: boolean;
  readonly key?: string;
}

/** `drillbook drill PLAYBOOK`: an exercise, in the sandbox unless another environment is named. */
export async function drill(name: string | undefined, options: DrillOptions): Promise<ExitCode> {
  refuseBoth(options);
  if (name !== undefined) return drillOf(name, options);
  const { playbook, rehearsal } = await (await import('../run/choose-playbook.ts')).chooseDrill(options);
  return drillOf(playbook, { ...options, ...(rehearsal !== undefined && { rehearsal }) });
}

async function drillOf(name: string, options: DrillOptions): Promise<ExitCode> {
  if (options.tabletop === true) return tabletop(name, options);
  const environment =
    options.env === 'sandbox'
      ? undefined
      : refuseProduction(await findEnvironment(options.env, options.playbooks));
  const { playbook, sources, ownKinds } = await findPlaybook(name, options.playbooks, environment);
  const { blind } = options;
  const rehearsal =
    blind === true
      ? drawRehearsal(playbook, environment?.name)
      : chooseRehearsal(playbook, options.rehearsal, environment?.name);
  const world =
    rehearsal === undefined || environment !== undefined ? undefined : await chooseWorld(rehearsal, options);
  if (environment !== undefined) {
    await takeStoreOf(environment, options.store);
    await expectOutside(environment, options.store);
  }
  const given = { answers: await readAnswers(options.answers), yes: options.yes };
  const request: RunRequest = {
    mode: 'drill',
    playbook,
    sources,
    ownKinds: await expectCode(ownKinds),
    answers: permittedAnswers(given, { environment: environment?.kind ?? 'sandbox', playbook }),
    ...(environment !== undefined && { environment }),
    ...(options.reason !== undefined && { reason: options.reason }),
    ...(rehearsal !== undefined && { rehearsal }),
    ...(blind === true && { blind }),
    ...(world !== undefined && {
      world: world.plan.name,
      fileWorld: { file: world.file, plan: () => world.plan },
    }),
  };
  if (options.queue === true) return (await import('../worker/ask.ts')).askFor(request, options);
  if (options.json !== true) await tellLastTime(await openStore(options.store), playbook.id);
  return startRun(request, options);
}

/** The interlock refuses each write as well; whoever mistypes an environment hears of it before anything starts. */
function refuseProduction(environment: Environment): Environment {
  if (environment.kind !== 'production') return environment;
  throw new CommandError(`"${environment.name}" is a production environment; a drill never writes to one`, {
    exitCode: EXIT.invalid,
    hint: `Nothing was changed. For the real thing: ${invocation('recover PLAYBOOK --env NAME')}`,
  });
}

function refuseBoth(options: DrillOptions): void {
  const { env, world, blind, rehearsal, tabletop: talks, queue, key } = options;
  if (talks === true && queue === true)
    throw new CommandError('people go through a tabletop, and no worker', {
      exitCode: EXIT.invalid,
      hint: 'Leave out --queue, or --tabletop.',
    });
  if (key !== undefined && queue !== true)
    throw new CommandError(
      '--key tells whether the same run is asked for again, and this one is carried out here',
      {
        exitCode: EXIT.invalid,
        hint: 'Add --queue, or leave out --key.',
      },
    );
  if (talks === true && (blind === true || world !== undefined)) {
    throw new CommandError(
      blind === true
        ? 'people at a table are told what has happened, and a blind drill does not tell it'
        : 'a tabletop touches nothing, so there is no world that it could be in',
      { exitCode: EXIT.invalid, hint: `Leave out ${blind === true ? '--blind' : '--world'}, or --tabletop.` },
    );
  }
  if (blind === true && rehearsal !== undefined) {
    throw new CommandError('a blind drill draws its rehearsal, and this one is to be a certain one', {
      exitCode: EXIT.invalid,
      hint: 'Leave out --rehearsal, or --blind.',
    });
  }
  if (world === undefined || env === 'sandbox') return;
  throw new CommandError(`a world is a sandbox, and this drill is to be in "${env}"`, {
    exitCode: EXIT.invalid,
    hint: 'Leave out --world, or --env.',
  });
}
