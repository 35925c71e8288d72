import { permittedAnswers, readAnswers } from '../answers.ts';
import type { ExitCode } from '../exit.ts';
import { findEnvironment, findPlaybook } from '../loading.ts';
import { tellLastTime } from '../noted.ts';
import { expectCode } from '../own-kinds.ts';
import { expectOutside, reachableStore, takeStoreOf } from '../run/environment-store.ts';
import type { SessionOptions } from '../run/session.ts';
import { startRun } from '../run/start.ts';
import { openStore } from '../run/store.ts';

export interface RecoverOptions extends SessionOptions {
  readonly env: string;
  readonly playbooks: string;
  readonly reason?: string;
  readonly answers?: string;
  readonly yes?: boolean;
}

/** `drillbook recover PLAYBOOK --env E`: the real thing. */
export async function recover(name: string, options: RecoverOptions): Promise<ExitCode> {
  const environment = await findEnvironment(options.env, options.playbooks);
  const { playbook, sources, ownKinds } = await findPlaybook(name, options.playbooks, environment);
  const given = { answers: await readAnswers(options.answers), yes: options.yes };
  await takeStoreOf(environment, options.store);
  const store = await reachableStore(options.store);
  await expectOutside(environment, store);
  if (options.json !== true) await tellLastTime(await openStore(store), playbook.id);
  return startRun(
    {
      mode: 'recover',
      playbook,
      sources,
      ownKinds: await expectCode(ownKinds),
      environment,
      answers: permittedAnswers(given, { environment: environment.kind, playbook }),
      ...(options.reason !== undefined && { reason: options.reason }),
    },
    { ...options, ...(store !== undefined && { store }) },
  );
}
