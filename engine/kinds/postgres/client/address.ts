import { readFile } from 'node:fs/promises';
import type { ConnectionOptions } from 'node:tls';
import { StepError } from '../../../model/kind.ts';

/** Where a database is, taken apart. The password never leaves this object for a message. */
export interface Address {
  /** A name, a number, or the folder of a socket. */
  readonly host: string;
  readonly port: number;
  readonly database: string;
  readonly user: string;
  readonly password: string | undefined;
  readonly tls: TlsMode;
  readonly rootCertificate: string | undefined;
  /** What the server is told for the session: `-csearch_path=tenant`. */
  readonly options: string | undefined;
  readonly applicationName: string | undefined;
  readonly connectTimeoutMs: number;
}

/** As libpq's `sslmode`, so that what works with psql works here. */
type TlsMode = 'disable' | 'prefer' | 'require' | 'verify-ca' | 'verify-full';

const TLS_MODES: ReadonlySet<string> = new Set(['disable', 'prefer', 'require', 'verify-ca', 'verify-full']);
const CONNECT_TIMEOUT_MS = 10_000;

/** What of libpq's parameters is honoured. Those with a value here are taken with just that one, which is the usual. */
const PARAMETERS: Readonly<Record<string, readonly string[] | 'any'>> = {
  host: 'any',
  port: 'any',
  dbname: 'any',
  user: 'any',
  password: 'any',
  options: 'any',
  application_name: 'any',
  connect_timeout: 'any',
  sslmode: 'any',
  sslrootcert: 'any',
  target_session_attrs: ['any'],
  channel_binding: ['prefer', 'disable'],
  gssencmode: ['disable', 'prefer'],
  client_encoding: ['UTF8', 'utf8', 'auto'],
};

const FORM = /^postgres(?:ql)?:\/\/(?:([^/?#@]*)@)?([^/?#@]*)(?:\/([^?#]*))?(?:\?([^#]*))?$/;

/**
 * Reads `postgres://…@host:port/database?sslmode=…`, as libpq does: what is not honoured is refused by its name,
 * never passed over. Messages quote no part of it but names of parameters.
 */
export function parseAddress(url: string): Address {
  const [, userinfo = '', hosts = '', path = '', query = ''] =
    FORM.exec(url) ??
    fail(
      'is not of the form postgres://…@host:port/database, with the user and the password in front of the @',
      'Percent-encode what has a meaning in an address: "@" is %40, "/" is %2F, "#" is %23, "?" is %3F, "%" is %25.',
    );
  const given = parametersOf(query);
  const colon = userinfo.indexOf(':');
  const [name, secret] =
    colon < 0 ? [userinfo, undefined] : [userinfo.slice(0, colon), userinfo.slice(colon + 1)];
  const { host, port } = hostOf(hosts, given);
  const user = given.get('user') ?? (decode(name, 'the user') || 'postgres');
  const mode = given.get('sslmode') ?? (isLocal(host) ? 'disable' : 'prefer');
  if (!isTlsMode(mode)) fail('has an "sslmode" that is none of ' + [...TLS_MODES].join(', '));
  const password =
    given.get('password') ?? (secret === undefined ? undefined : decode(secret, 'the password'));
  return {
    host,
    port: portOf(port),
    database: given.get('dbname') ?? (decode(path, 'the name of the database') || user),
    user,
    password: password === '' ? undefined : password,
    tls: mode,
    rootCertificate: given.get('sslrootcert'),
    options: given.get('options') || undefined,
    applicationName: given.get('application_name') || undefined,
    connectTimeoutMs: timeoutOf(given.get('connect_timeout')),
  };
}

function parametersOf(query: string): ReadonlyMap<string, string> {
  const given = new Map<string, string>();
  for (const part of query.split('&').filter((text) => text !== '')) {
    const equals = part.indexOf('=');
    const name = decode(equals < 0 ? part : part.slice(0, equals), 'a parameter');
    const known = Object.hasOwn(PARAMETERS, name) ? PARAMETERS[name] : undefined;
    const value = equals < 0 ? '' : decode(part.slice(equals + 1), `the parameter "${name}"`);
    if (known === undefined) {
      fail(
        `has the parameter "${name}", which is not honoured here`,
        `Leave it out. Honoured are ${Object.keys(PARAMETERS).join(', ')}.`,
      );
    }
    if (known !== 'any' && !known.includes(value)) {
      fail(
        `has the parameter "${name}" with a value that is not honoured here`,
        `Leave it out, or say ${known.join(' or ')}.`,
      );
    }
    if (given.has(name)) fail(`has the parameter "${name}" twice`);
    given.set(name, value);
  }
  return given;
}

function hostOf(written: string, given: ReadonlyMap<string, string>): { host: string; port: string } {
  const inQuery = given.get('host');
  if (written.includes(',') || inQuery?.includes(',') === true || given.get('port')?.includes(',') === true) {
    fail(
      'names several hosts',
      'Name the one that is meant: which of them is asked must not depend on the moment.',
    );
  }
  const [, inBrackets, plain, port] = /^(?:\[([^\]]*)\]|([^:]*))(?::(.*))?$/.exec(written) ?? [];
  if (inBrackets === undefined && plain === undefined)
    fail('has a host that is none; an IPv6 address stands in []');
  const host = inQuery ?? decode(inBrackets ?? plain ?? '', 'the host');
  return { host: host === '' ? 'localhost' : host, port: given.get('port') ?? port ?? '' };
}

function portOf(text: string): number {
  const port = text === '' ? 5432 : Number(text);
  if (!/^\d*$/.test(text) || port < 1 || port > 65_535) fail('has a port that is no number from 1 to 65535');
  return port;
}

/** As libpq: whole seconds, at least two. */
function timeoutOf(text: string | undefined): number {
  if (text === undefined || text === '') return CONNECT_TIMEOUT_MS;
  if (!/^\d+$/.test(text) || Number(text) === 0) fail('has a "connect_timeout" that is no number of seconds');
  return Math.max(2, Number(text)) * 1000;
}

function decode(text: string, what: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return fail(`has a % in ${what} that two hexadecimal digits do not follow`, 'A % itself is written %25.');
  }
}

function fail(what: string, hint?: string): never {
  throw new StepError(`the connection string ${what}`, {
    code: 'badConnectionString',
    ...(hint !== undefined && { hint }),
  });
}

const isTlsMode = (mode: string): mode is TlsMode => TLS_MODES.has(mode);

/** For people and logs: where, and as whom. */
export const placeOf = (address: Address): string =>
  `${address.host}:${address.port}/${address.database} as ${address.user}`;

/** Ways to try, in this order; `prefer` goes on without TLS when the server has none. */
export async function tlsAttempts(address: Address): Promise<readonly (false | ConnectionOptions)[]> {
  const { tls, rootCertificate } = address;
  const ca = rootCertificate === undefined ? {} : { ca: await readFile(rootCertificate, 'utf8') };
  switch (tls) {
    case 'disable':
      return [false];
    case 'prefer':
      return [{ rejectUnauthorized: false }, false];
    case 'require':
      // libpq checks the certificate here only when it was given a root to check it against.
      return [{ ...ca, rejectUnauthorized: rootCertificate !== undefined, checkServerIdentity: anyName }];
    case 'verify-ca':
      return [{ ...ca, checkServerIdentity: anyName }];
    case 'verify-full':
      return [ca];
  }
}

const anyName = (): undefined => undefined;

const isLocal = (host: string): boolean =>
  host.startsWith('/') || host === 'localhost' || host === '::1' || /^127\./.test(host);
