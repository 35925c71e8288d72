import { grantQueue, initStore } from '../../journal/postgres/init.ts';
import { RowShelf } from '../../journal/postgres/row-shelf.ts';
import { databaseStatus } from '../../journal/postgres/status.ts';
import type { DatabaseStatus } from '../../journal/postgres/status.ts';
import { FolderShelf } from '../../journal/shelf.ts';
import { copyStore } from '../../journal/transfer.ts';
import type { Copied } from '../../journal/transfer.ts';
import { output } from '../../report/output.ts';
import type { JsonObject } from '../../base/json.ts';
import { CommandError, EXIT } from '../exit.ts';
import type { ExitCode } from '../exit.ts';
import { invocation } from '../invocation.ts';
import { databaseAddress, shownPath } from '../paths.ts';
import type { PruneOptions } from '../prune-store.ts';
import { pruneStore } from '../prune-store.ts';
import { databaseAt } from '../run/database-store.ts';
import { openFolder, openStore } from '../run/store.ts';
import { print, printJson, say } from '../terminal.ts';

export interface StoreCommandOptions extends PruneOptions {
  readonly store?: string;
  readonly json?: boolean;
}

export type StoreAction = 'init' | 'status' | 'import' | 'export' | 'prune';

/** `drillbook store init|status|import|export|prune`. */
export function store(
  does: StoreAction,
  folder: string | undefined,
  options: StoreCommandOptions,
): Promise<ExitCode> {
  if (does === 'init') return make(options);
  if (does === 'status') return show(options);
  if (does === 'prune') return pruneStore(addressOf(options.store), options, options.store);
  const place = expectFolder(does, folder);
  return does === 'import' ? copyIn(place, options) : copyOut(place, options);
}

/** `init`: the tables and the roles, once, as the owner of the database. */
async function make({ store: option }: StoreCommandOptions): Promise<ExitCode> {
  const address = addressOf(option);
  const database = databaseAt(address);
  const { made, reader, writer, worker, todo } = await initStore(database);
  print(made ? `The store is made in ${database.place}.` : `There is a store in ${database.place} already.`);
  if (todo.length > 0) {
    say('This account may not make roles. Let somebody who may run this, and then init once more:');
    for (const statement of todo) print(`  ${statement};`);
    return EXIT.missed;
  }
  const { makeQueueTables } = await import('../worker/engine.ts');
  await makeQueueTables(address);
  await grantQueue(database);
  say(
    `Whoever runs drillbook becomes a member of ${writer}, whoever only looks of ${reader}, and a worker of ${worker}:`,
  );
  print(`  grant ${writer} to ada;`);
  return EXIT.done;
}

/** `status`: how much is in it, who writes now, and what this account may. */
async function show({ store: option, json }: StoreCommandOptions): Promise<ExitCode> {
  const database = databaseAt(addressOf(option));
  const status = await databaseStatus(database);
  if (json === true) {
    printJson(statusJson(database.place, status), 2);
    return EXIT.done;
  }
  const { server, systemIdentifier, account, may, runs, unsealed, lines, files, fileBytes, bytes } = status;
  print(`place    ${database.place}`);
  print(
    `server   PostgreSQL ${server}, system identifier ${systemIdentifier ?? 'not shown to this account'}`,
  );
  print(`account  ${account}, who may ${MAY[may]}`);
  print(`runs     ${runs}, ${unsealed} of them not sealed; ${lines} lines`);
  print(`files    ${files}, ${inMebibytes(fileBytes)}`);
  print(`size     ${inMebibytes(bytes)}`);
  for (const { on, holder } of status.writers) print(`writing  ${on.replace('/', ' ')}: ${holder}`);
  return EXIT.done;
}

const statusJson = (place: string, { systemIdentifier, writers, ...status }: DatabaseStatus): JsonObject =>
  output('store', {
    ...{ place, ...status, systemIdentifier },
    writers: writers.map((writer) => ({ ...writer })),
  });

const MAY = { own: 'do everything', write: 'write runs, and remove none', read: 'only read' } as const;

/** `import FOLDER`: the runs of a folder into the database. */
async function copyIn(folder: string, { store: option }: StoreCommandOptions): Promise<ExitCode> {
  const from = { store: openFolder(folder), shelf: new FolderShelf(folder) };
  const to = { store: await openStore(option), shelf: new RowShelf(databaseAt(addressOf(option))) };
  tell(await copyStore(from, to), to.store.place);
  return EXIT.done;
}

/** `export FOLDER`: the runs of the database into a folder, which is a store like any other. */
async function copyOut(folder: string, { store: option }: StoreCommandOptions): Promise<ExitCode> {
  const from = { store: await openStore(option), shelf: new RowShelf(databaseAt(addressOf(option))) };
  const to = { store: openFolder(folder), shelf: new FolderShelf(folder) };
  tell(await copyStore(from, to), shownPath(folder));
  say(`It can be proven there: ${invocation(`audit --verify --store ${shownPath(folder)}`)}`);
  return EXIT.done;
}

function tell({ runs, same, files, left }: Copied, place: string): void {
  const count = (many: number, what: string): string => `${many} ${what}${many === 1 ? '' : 's'}`;
  print(
    `${count(runs.length, 'run')} and ${count(files, 'file')} copied to ${place}; ${same.length} there already.`,
  );
  if (left.includes('register'))
    say('Its register went its own way: the runs that came were entered as imported.');
}

function expectFolder(does: string, folder: string | undefined): string {
  if (folder !== undefined) return folder;
  throw new CommandError(`store ${does} takes a folder`, {
    exitCode: EXIT.invalid,
    hint: `Write it behind: ${invocation(`store ${does} .drillbook`)}`,
  });
}

const inMebibytes = (bytes: number): string => `${(bytes / 1024 / 1024).toFixed(1)} MiB`;

function addressOf(option: string | undefined): string {
  const address = databaseAddress(option);
  if (address !== undefined) return address;
  throw new CommandError('this command is about a store in PostgreSQL', {
    exitCode: EXIT.invalid,
    hint: 'Name it: --store postgresql://USER@HOST/DATABASE, or DRILLBOOK_STORE with the password in it.',
  });
}
