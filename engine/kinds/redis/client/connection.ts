import type { ValueMap } from '../../../base/value.ts';
import { isValueMap } from '../../../base/value.ts';
import { isHandle } from '../../../model/handle.ts';
import type { SecretResolver } from '../../../model/handle.ts';
import { StepError } from '../../../model/kind.ts';
import { shownText } from '../../context/reveal.ts';
import { nameOf } from '../../context/target.ts';
import { connectError, serverError } from './errors.ts';

/** How long a connection may take to come about, and the server to say something. */
const CONNECT_MS = 10_000;
const SILENCE_MS = 30_000;
const PORT = 6379;

export interface Access {
  readonly secrets: SecretResolver;
  readonly signal: AbortSignal;
}

/** Where a server is reached, without the user and the password. */
export interface Address {
  /** `host:port` */
  readonly host: string;
  readonly database: number;
}

/** A connection to one database of a server. What the server says is bytes: a message need not be text. */
export interface Redis {
  readonly address: Address;
  /** Sends one command. Throws `StepError` for what the server refuses or when it is gone. */
  ask(...words: readonly (string | Buffer)[]): Promise<Reply>;
  /** `INFO`, by its members. */
  info(): Promise<ReadonlyMap<string, string>>;
  close(): void;
}

export type Reply = Buffer | number | null | readonly Reply[];

/**
 * Opens a connection and holds its address against the fingerprint. Throws `StepError`, with code `interlock` when the
 * address leads elsewhere than the environment says.
 */
export async function openRedis(target: ValueMap, access: Access): Promise<Redis> {
  const redis = await connectRedis(target, access);
  const difference = differenceOf(target, redis.address);
  if (difference === undefined) return redis;
  redis.close();
  throw new StepError(`${nameOf(target)} is not what the environment says: ${difference}`, {
    code: 'interlock',
  });
}

/** Like `openRedis`, without holding it against anything: for those who ask who it is. */
export async function connectRedis(target: ValueMap, { secrets, signal }: Access): Promise<Redis> {
  const url = addressIn(await urlOf(target, { secrets, signal }), target);
  const address: Address = { host: `${url.hostname}:${url.port || PORT}`, database: databaseOf(url) };
  const { createClient, RESP_TYPES } = await import('@redis/client');
  const client = createClient({
    url: url.href,
    RESP: 2,
    name: 'drillbook',
    disableClientInfo: true,
    socket: { connectTimeout: CONNECT_MS, socketTimeout: SILENCE_MS, reconnectStrategy: false },
    commandOptions: { typeMapping: { [RESP_TYPES.BLOB_STRING]: Buffer, [RESP_TYPES.SIMPLE_STRING]: Buffer } },
  });
  // What is lost under way is told by the command that waits for it.
  client.on('error', () => undefined);
  const stop = (): void => client.destroy();
  const close = (): void => {
    signal.removeEventListener('abort', stop);
    if (client.isOpen) client.destroy();
  };
  signal.throwIfAborted();
  signal.addEventListener('abort', stop, { once: true });
  try {
    await client.connect();
  } catch (cause) {
    close();
    signal.throwIfAborted();
    throw connectError(cause, address.host);
  }
  const ask = async (...words: readonly (string | Buffer)[]): Promise<Reply> => {
    try {
      return await client.sendCommand<Reply>([...words]);
    } catch (cause) {
      signal.throwIfAborted();
      throw serverError(cause, address.host);
    }
  };
  return { address, ask, close, info: async () => membersOf(String(await ask('INFO'))) };
}

/** What of an address differs from the fingerprint; undefined when nothing does. */
export function differenceOf(target: ValueMap, { host, database }: Address): string | undefined {
  const print = fingerprintOf(target);
  const expected = print['host'];
  if (typeof expected === 'string' && ![host, host.replace(/:\d+$/, '')].includes(expected)) {
    return `expected at ${expected}, reached at ${host}`;
  }
  const number = print['database'];
  if (number !== undefined && shownText(number) !== String(database)) {
    return `expected the database ${shownText(number)}, reached ${String(database)}`;
  }
  return undefined;
}

export const fingerprintOf = (target: ValueMap): ValueMap =>
  isValueMap(target['fingerprint']) ? target['fingerprint'] : {};

async function urlOf(target: ValueMap, { secrets, signal }: Access): Promise<string> {
  const url = target['url'];
  if (isHandle(url)) return (await secrets.reveal(url, signal)).reveal();
  throw notConfigured(`${nameOf(target)} has no address`, 'Add "url: { env: REDIS_URL }" to it.');
}

/** What it says is not quoted: there may be a password in it. */
function addressIn(text: string, target: ValueMap): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url !== undefined && /^rediss?:$/.test(url.protocol) && url.hostname !== '') {
    // What Celery lets stand behind it, such as how a certificate is looked at, is not passed over.
    if (url.search === '' && /^\/?\d*$/.test(url.pathname)) return url;
  }
  throw notConfigured(
    `the address of ${nameOf(target)} is no address of a Redis server that is understood whole`,
    'Write it as redis://user:password@host:port/0, with rediss: for TLS, and nothing behind it.',
  );
}

const databaseOf = ({ pathname }: URL): number => Number(pathname.slice(1));

const notConfigured = (message: string, hint: string): StepError =>
  new StepError(message, { code: 'notConfigured', hint });

const membersOf = (info: string): ReadonlyMap<string, string> =>
  new Map(
    info
      .split('\r\n')
      .filter((line) => line.includes(':'))
      .map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 1)]),
  );
