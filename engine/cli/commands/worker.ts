import { Redactor } from '../../journal/redact.ts';
import type { Environment } from '../../model/environment.ts';
import { WorkerRows } from '../../journal/postgres/worker-rows.ts';
import { CommandError, EXIT } from '../exit.ts';
import type { ExitCode } from '../exit.ts';
import { findEnvironment } from '../loading.ts';
import { takeStoreOf, expectOutside } from '../run/environment-store.ts';
import { databaseAt } from '../run/database-store.ts';
import { openStore, workFolder } from '../run/store.ts';
import { print, printJson, say } from '../terminal.ts';
import { sharedStore } from '../worker/shared-store.ts';
import { workersJson, workersText } from '../worker/shown.ts';
import { work } from '../worker/work.ts';

export interface WorkerOptions {
  readonly env: string;
  readonly playbooks: string;
  readonly store?: string;
  readonly name?: string;
  readonly json?: boolean;
}

/** `drillbook worker --env E`: carries out what is asked for in the store that all share, until it is told to end. */
export async function worker(does: 'list' | undefined, options: WorkerOptions): Promise<ExitCode> {
  if (does === 'list') return listWorkers(options);
  const environment = await environmentOf(options);
  const address = sharedStore(options.store);
  const redactor = new Redactor();
  const store = await openStore(options.store, { redactor });
  if (!(await store.mayWrite()))
    throw new CommandError(`this account may not write to ${store.place}`, {
      exitCode: EXIT.store,
      hint: 'A worker is a member of drillbook_worker: docs/teams.md.',
    });
  const rows = new WorkerRows(databaseAt(address));
  try {
    return await work({
      ...{ ...options, address, store, rows, tell: say },
      ...(environment !== undefined && { environment }),
      folder: workFolder(options.store),
      onReveal: (text) => redactor.add(text),
    });
  } finally {
    await rows.close();
  }
}

/** The environment, and with it the store that it names. */
async function environmentOf({ env, playbooks, store }: WorkerOptions): Promise<Environment | undefined> {
  if (env === 'sandbox') return undefined;
  const environment = await findEnvironment(env, playbooks);
  await takeStoreOf(environment, store);
  await expectOutside(environment, store);
  return environment;
}

/** `drillbook worker list`: who is there, what each does, and when it was last heard of, by the database's clock. */
async function listWorkers({ store, json }: WorkerOptions): Promise<ExitCode> {
  const rows = new WorkerRows(databaseAt(sharedStore(store)));
  try {
    const workers = await rows.list();
    if (json === true) printJson(workersJson(workers), 2);
    else if (workers.length === 0) print('Nobody works here: drillbook worker --env NAME starts one.');
    else print(workersText(workers));
    return EXIT.done;
  } finally {
    await rows.close();
  }
}
