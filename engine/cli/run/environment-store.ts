import { createSecretResolver } from '../../kinds/environment/secrets.ts';
import { isValueMap } from '../../base/value.ts';
import type { Environment } from '../../model/environment.ts';
import { isHandle } from '../../model/handle.ts';
import type { Handle } from '../../model/handle.ts';
import { StepError } from '../../model/kind.ts';
import { StoreError } from '../../journal/store.ts';
import { quote } from '../../kinds/context/quote.ts';
import { CommandError, EXIT } from '../exit.ts';
import { carryStore, invocation } from '../invocation.ts';
import { databaseAddress } from '../paths.ts';
import { sayError } from '../terminal.ts';
import { openStore } from './store.ts';

/** Takes the store that an environment names, where neither the command line nor DRILLBOOK_STORE names one. */
export async function takeStoreOf(environment: Environment, option: string | undefined): Promise<void> {
  const { store } = environment.data;
  if (option !== undefined || process.env['DRILLBOOK_STORE'] !== undefined || store === undefined) return;
  if (typeof store === 'string') {
    carryStore({ option: store });
    process.env['DRILLBOOK_STORE'] = store;
  } else if (isHandle(store)) {
    const source = sourceOf(store);
    if (source !== undefined) carryStore({ prefix: `DRILLBOOK_STORE=${source} ` });
    process.env['DRILLBOOK_STORE'] = await revealed(environment, store);
  }
}

async function revealed(environment: Environment, store: Handle): Promise<string> {
  const resolver = createSecretResolver(
    () => environment,
    () => undefined,
  );
  return (await resolver.reveal(store)).reveal();
}

/** What a shell puts there; undefined for a part of what it holds, which a shell does not take out. */
function sourceOf({ $ref, name, path, at }: Handle): string | undefined {
  if (at !== undefined) return undefined;
  if ($ref === 'env' && typeof name === 'string') return `"$${name}"`;
  return typeof path === 'string' ? `"$(cat ${quote(path)})"` : undefined;
}

/**
 * Refuses a store that would be lost with a database of the environment: one on its server, by the number that the
 * server has had since it was made, or by its name.
 */
export async function expectOutside(environment: Environment, option: string | undefined): Promise<void> {
  const shared = await sharedServer(environment, option);
  if (shared === undefined) return;
  throw new CommandError(`the store is on the server of ${shared}, and would be lost with it`, {
    exitCode: EXIT.invalid,
    hint: 'Nothing was changed. Put the store on a server that no disaster of this environment takes along, or use a folder: --store .drillbook',
  });
}

/** The database of the environment that is on the store's server. */
export async function sharedServer(
  environment: Environment,
  option: string | undefined,
): Promise<string | undefined> {
  const address = databaseAddress(option);
  const { databases } = environment.data;
  if (address === undefined || !isValueMap(databases)) return undefined;
  const { serverOf } = await import('./database-store.ts');
  const server = await serverOf(address);
  for (const [name, database] of Object.entries(databases)) {
    const print = isValueMap(database) ? database['fingerprint'] : undefined;
    if (!isValueMap(print)) continue;
    const { systemIdentifier, host } = print;
    const isSame = server.systemIdentifier !== undefined && systemIdentifier === server.systemIdentifier;
    const isThere = typeof host === 'string' && host.replace(/:\d+$/, '') === server.host;
    // Where both numbers are known they decide: one host has many servers.
    if (
      isSame ||
      (isThere && (server.systemIdentifier === undefined || typeof systemIdentifier !== 'string'))
    )
      return `databases.${name}`;
  }
  return undefined;
}

/** A recovery does not wait for its store: where that cannot be reached, a folder, which is imported later. */
export async function reachableStore(option: string | undefined): Promise<string | undefined> {
  if (databaseAddress(option) === undefined) return option;
  const store = await openStore(option);
  try {
    await store.mayWrite();
    return option;
  } catch (error) {
    if (!(error instanceof StoreError) || !isUnreachable(error.cause)) throw error;
    const back = invocation(`store import ${FOLDER}`);
    sayError(`${error.message}. This recovery goes on in the folder ${FOLDER} of this machine.`);
    sayError(`Bring it in when the store is there again: ${back}`);
    carryStore({ option: FOLDER });
    return FOLDER;
  }
}

const FOLDER = '.drillbook';

/** The server is not there, or not for now; not that it refuses this account. */
const isUnreachable = (error: unknown): boolean => error instanceof StepError && error.retryable;
