import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { JsonObject } from '../../engine/base/json.ts';
import { PostgresStore } from '../../engine/journal/postgres/postgres-store.ts';
import { Redactor } from '../../engine/journal/redact.ts';
import { plainDatabase } from '../../engine/kinds/postgres/client/plain.ts';
import { FakeClock } from './fake-clock.ts';
import { drillbook, startDrillbook, temporaryFolder } from './drillbook.ts';
import type { Finished, Running } from './drillbook.ts';
import { startPostgres } from './postgres.ts';
import type { PostgresRig } from './postgres.ts';

/** A store in PostgreSQL with its queue, made by the command, and an account for each role. */
export interface SharedStore {
  readonly postgres: PostgresRig;
  /** The address as a member of the role. */
  as(role: 'writer' | 'worker' | 'reader'): string;
  close(): Promise<void>;
}

export async function startSharedStore(): Promise<SharedStore> {
  const postgres = await startPostgres();
  const made = await drillbook(['store', 'init'], {
    cwd: join(import.meta.dirname),
    env: { DRILLBOOK_STORE: postgres.server.url('peakops') },
  });
  if (made.exitCode !== 0) throw new Error(`store init: ${made.stdout}${made.stderr}`);
  for (const role of ['writer', 'worker', 'reader']) {
    await postgres.sql(`create role a_${role} login password 'x'; grant drillbook_${role} to a_${role}`);
  }
  return {
    postgres,
    as: (role) => postgres.url('peakops', { name: `a_${role}`, password: 'x' }),
    close: () => postgres.close(),
  };
}

const ENVIRONMENT = `version: 1
name: lab
kind: staging
policy: { allowScripts: true }
`;

/** A playbook that writes, waits for a file, and writes again: what is done twice stands there twice. */
export const STEADY = `version: 1
id: steady
title: Steady
summary: Writes, waits and writes.
steps:
  - id: one
    title: Write the first line
    uses: shell
    with: { script: echo one >> "$DESK/written", env: { DESK: DESK_FOLDER } }
    effect: write
  - id: gap
    title: Wait for the word
    uses: shell
    with: { script: "until [ -e \\"$DESK/go\\" ]; do sleep 0.05; done", env: { DESK: DESK_FOLDER } }
    effect: read
  - id: two
    title: Write the second line
    uses: shell
    with: { script: echo two >> "$DESK/written", env: { DESK: DESK_FOLDER } }
    effect: write
`;

const ASKING = `version: 1
id: asking
title: Asking
summary: Needs a person.
steps:
  - id: look
    title: Look at the lamps
    uses: manual
    with: { instructions: Look }
`;

/** A folder with playbooks, in which people ask for runs and workers carry them out. */
export class WorkDesk {
  readonly folder = temporaryFolder();
  readonly #store: SharedStore;
  readonly #workers: Running[] = [];

  constructor(store: SharedStore, files: Readonly<Record<string, string>> = {}) {
    this.#store = store;
    const playbooks = join(this.folder, 'playbooks');
    mkdirSync(join(playbooks, 'environments'), { recursive: true });
    const all = {
      'environments/lab.yaml': ENVIRONMENT,
      'steady.yaml': STEADY,
      'asking.yaml': ASKING,
      ...files,
    };
    for (const [name, text] of Object.entries(all))
      writeFileSync(join(playbooks, name), text.replaceAll('DESK_FOLDER', this.folder));
  }

  /** A command of somebody who may write. */
  run(...args: string[]): Promise<Finished> {
    return drillbook(args, { cwd: this.folder, env: { DRILLBOOK_STORE: this.#store.as('writer') } });
  }

  /** Asks for a run, and says which it is. */
  async ask(playbook: string, ...more: string[]): Promise<{ readonly run: string; readonly isNew: boolean }> {
    const asked = await this.run('drill', playbook, '--env', 'lab', '--queue', '--json', ...more);
    if (asked.exitCode !== 0) throw new Error(asked.stderr);
    return JSON.parse(asked.stdout) as { readonly run: string; readonly isNew: boolean };
  }

  async worker(name: string, cwd = this.folder): Promise<Running> {
    const started = startDrillbook(['worker', '--env', 'lab', '--name', name], {
      cwd,
      env: { DRILLBOOK_STORE: this.#store.as('worker') },
    });
    this.#workers.push(started);
    await started.line(/takes what is asked for/);
    return started;
  }

  /** Leaves a message to a run, as whoever may write. */
  async say(run: string, said: JsonObject): Promise<void> {
    const options = { clock: new FakeClock(), redactor: new Redactor(), scratch: this.folder };
    const store = new PostgresStore(plainDatabase(this.#store.as('writer')), options);
    await store.inbox(run).put('message-1', { run, ...said });
    await store.close();
  }

  /** What the run is, as `runs` says it. */
  async standing(run: string): Promise<Readonly<Record<string, unknown>> | undefined> {
    const { stdout } = await this.run('runs', '--json');
    const { runs } = JSON.parse(stdout) as { readonly runs: readonly Readonly<Record<string, unknown>>[] };
    return runs.find((each) => each['run'] === run);
  }

  /** What the steps wrote, a line for each time that one was carried out. */
  written(): string {
    const file = join(this.folder, 'written');
    return existsSync(file) ? readFileSync(file, 'utf8') : '';
  }

  /** Lets the step end that waits. */
  go(): void {
    writeFileSync(join(this.folder, 'go'), '');
  }

  /** Ends the workers that still work, without a word. */
  async close(): Promise<void> {
    for (const { process, finished } of this.#workers) {
      process.kill('SIGKILL');
      await finished;
    }
  }
}
