import type { ConnectionOptions } from 'node:tls';
import type { Client } from 'pg';
import type { ValueMap } from '../../../base/value.ts';
import { isValueMap } from '../../../base/value.ts';
import { sourceOf } from '../../../model/environment.ts';
import type { SecretResolver } from '../../../model/handle.ts';
import { StepError } from '../../../model/kind.ts';
import { shownText } from '../../context/reveal.ts';
import { text } from '../../context/members.ts';
import { nameOf } from '../../context/target.ts';
import type { Address } from './address.ts';
import { parseAddress, placeOf, tlsAttempts } from './address.ts';
import { connectError } from './errors.ts';
import { rowsOf } from './server.ts';
import { Session } from './session.ts';
import { connectionHandle } from '../../context/connection-handle.ts';
import { SESSION_SETTINGS } from './values.ts';

/** For what is of another environment: the server itself then refuses whatever writes. */
const READ_ONLY = 'set session characteristics as transaction read only';

export interface Access {
  readonly secrets: SecretResolver;
  readonly signal: AbortSignal;
}

/**
 * Opens a connection to a database and holds its place, its name and the server's system identifier against
 * the fingerprint, on every connection: a name or an address may lead elsewhere than a minute ago.
 * Throws `StepError`, with code `interlock` when it is another server.
 */
export async function openDatabase(target: ValueMap, access: Access): Promise<Session> {
  const session = await connectDatabase(target, access);
  try {
    await verify(target, session);
    return session;
  } catch (error) {
    await session.close();
    throw error;
  }
}

/**
 * Opens another database of the server that a session is on. Throws `StepError`, with code `interlock` when the
 * address leads to another server or, by way of a pooler, to another database.
 */
export async function openBeside(
  session: Session,
  target: ValueMap,
  access: Access,
  database: string,
): Promise<Session> {
  const beside = await connectDatabase(target, access, database);
  try {
    // When it was started, to the microsecond: two servers do not share that.
    const which = 'select pg_postmaster_start_time()::text as started, current_database()::text as name';
    const [[here], [there]] = await Promise.all([rowsOf(session, which), rowsOf(beside, which)]);
    if (there?.['name'] === database && there['started'] === here?.['started']) return beside;
    throw new StepError(`${beside.place} leads to another server or database than asked for`, {
      code: 'interlock',
    });
  } catch (error) {
    await beside.close();
    throw error;
  }
}

/** Like `openDatabase`, without asking the server who it is: for those who ask themselves. */
export async function connectDatabase(target: ValueMap, access: Access, database?: string): Promise<Session> {
  const secret = await access.secrets.reveal(connectionHandle(target, 'external'), access.signal);
  const named = parseAddress(secret.reveal());
  const address = database === undefined ? named : { ...named, database };
  const client = await connect(address, access.signal);
  const session = new Session({
    client,
    address,
    signal: access.signal,
    another: () => connect(address, AbortSignal.timeout(address.connectTimeoutMs)),
  });
  try {
    await session.command(SESSION_SETTINGS);
    if (sourceOf(target) !== undefined) await session.command(READ_ONLY);
    return session;
  } catch (error) {
    await session.close();
    throw error;
  }
}

/** The number that initdb gave the server; a physical copy inherits it. Undefined where the role may not read it. */
export async function systemIdentifierOf(session: Session): Promise<string | undefined> {
  try {
    const text = 'select system_identifier::text as id from pg_control_system()';
    const id = (await session.run(text, [], { maxRows: 1, writes: false })).rows[0]?.['id'];
    return typeof id === 'string' ? id : undefined;
  } catch (error) {
    if (error instanceof StepError && error.code === '42501') return undefined;
    throw error;
  }
}

/** As the server says it: a pooler in between may lead to another one than was asked for. */
export async function databaseNameOf(session: Session): Promise<string> {
  const [row] = await rowsOf(session, 'select current_database()::text as name');
  return text(row ?? {}, 'name');
}

/** What of the fingerprint a connection can be held against; undefined when it all matches. */
export async function differenceOf(target: ValueMap, session: Session): Promise<string | undefined> {
  const fingerprint = isValueMap(target['fingerprint']) ? target['fingerprint'] : {};
  const { systemIdentifier, host, database } = fingerprint;
  if (typeof host === 'string' && host !== session.host && host !== session.host.replace(/:\d+$/, '')) {
    return `expected at ${host}, but reached at ${session.host}`;
  }
  if (typeof database === 'string') {
    const found = await databaseNameOf(session);
    if (found !== database) return `expected the database ${database}, found ${found}`;
  }
  if (systemIdentifier === undefined || systemIdentifier === null) return undefined;
  const expected = shownText(systemIdentifier);
  const found = (await systemIdentifierOf(session)) ?? 'one that this role may not read';
  return found === expected ? undefined : `expected system identifier ${expected}, found ${found}`;
}

async function verify(target: ValueMap, session: Session): Promise<void> {
  const difference = await differenceOf(target, session);
  if (difference === undefined) return;
  throw new StepError(`${session.place} is not ${nameOf(target)}: ${difference}`, {
    code: 'interlock',
    hint: 'Nothing was read or written. Correct the address, or the fingerprint in the environment.',
  });
}

/** `passwordOfShell`: where the address has no password, PGPASSWORD and the password file are looked at, as psql does. */
export async function connect(
  address: Address,
  signal: AbortSignal,
  password: 'ofAddress' | 'passwordOfShell' = 'ofAddress',
): Promise<Client> {
  const attempts = await tlsAttempts(address);
  for (const [index, ssl] of attempts.entries()) {
    try {
      return await connectOnce(address, { ssl, password }, signal);
    } catch (error) {
      signal.throwIfAborted();
      if (error instanceof StepError) throw error;
      const noTls = error instanceof Error && error.message.includes('does not support SSL');
      if (noTls && index + 1 < attempts.length) continue;
      throw connectError(error, placeOf(address));
    }
  }
  throw new TypeError('there is always a way to try');
}

async function connectOnce(
  address: Address,
  how: {
    readonly ssl: false | ConnectionOptions;
    readonly password: 'ofAddress' | 'passwordOfShell';
  },
  signal: AbortSignal,
): Promise<Client> {
  const pg = (await import('pg')).default;
  const { host, port, database, user } = address;
  const elsewhere = how.password === 'ofAddress' ? noPassword : undefined;
  const client = new pg.Client({
    host,
    port,
    database,
    user,
    ssl: how.ssl,
    application_name: address.applicationName ?? 'drillbook',
    keepAlive: true,
    // Where there is none, pg would look for one in the shell and in the home folder.
    password: address.password ?? elsewhere,
  });
  shutOutShell(client, address);
  // A connection that breaks between two statements is met by the next one.
  client.on('error', () => undefined);
  const limit = AbortSignal.timeout(address.connectTimeoutMs);
  const ended = AbortSignal.any([signal, limit]);
  const giveUp = (): void => {
    client.connection.stream.destroy(new Error('given up'));
  };
  signal.throwIfAborted();
  ended.addEventListener('abort', giveUp, { once: true });
  try {
    await client.connect();
    return client;
  } catch (error) {
    if (!limit.aborted) throw error;
    throw Object.assign(new Error(`no connection within ${address.connectTimeoutMs / 1000} s`), {
      code: 'timeout',
    });
  } finally {
    ended.removeEventListener('abort', giveUp);
  }
}

/** Asked by pg when the server wants a password and the connection string has none. */
function noPassword(): never {
  throw new StepError('the server asks for a password, and the connection string has none', {
    code: 'badConnectionString',
    hint: 'Give the whole address by "url", password included. PGPASSWORD and ~/.pgpass are not looked at.',
  });
}

/** pg takes from the environment what it is not told, which no option keeps it from for these. */
function shutOutShell(client: Client, address: Address): void {
  const { connectionParameters } = client as Client & {
    readonly connectionParameters: { options?: string | undefined; replication?: string | undefined };
  };
  connectionParameters.options = address.options;
  connectionParameters.replication = undefined;
}
