import { readFile } from 'node:fs/promises';
import type { ConnectionOptions } from 'node:tls';
import { StepError } from '../../../model/kind.ts';

/** Where a database is, taken apart. The password never leaves this object for a message. */
export interface Address {
  readonly host: string;
  readonly port: number;
  readonly database: string;
  readonly user: string;
  readonly password: string | undefined;
  readonly tls: TlsMode;
  readonly rootCertificate: string | undefined;
}

/** As libpq's `sslmode`, so that what works with psql works here. */
type TlsMode = 'disable' | 'prefer' | 'require' | 'verify-ca' | 'verify-full';

const TLS_MODES: ReadonlySet<string> = new Set(['disable', 'prefer', 'require', 'verify-ca', 'verify-full']);

/** Reads `postgres://user:password@host:port/database?sslmode=…`. Messages quote no part of it. */
export function parseAddress(url: string): Address {
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  if (parsed === undefined || !/^postgres(ql)?:$/.test(parsed.protocol)) {
    throw new StepError(
      'the connection string is not of the form postgres://user:password@host:port/database',
      {
        code: 'badConnectionString',
        hint: 'Percent-encode what has a meaning in an address: "@" is %40, "/" is %2F, "#" is %23.',
      },
    );
  }
  const query = parsed.searchParams;
  const host =
    query.get('host') ?? (decodeURIComponent(parsed.hostname).replace(/^\[(.*)\]$/, '$1') || 'localhost');
  const user = decodeURIComponent(parsed.username) || 'postgres';
  const mode = query.get('sslmode') ?? (isLocal(host) ? 'disable' : 'prefer');
  return {
    host,
    port: Number(query.get('port') ?? (parsed.port || '5432')),
    database: decodeURIComponent(parsed.pathname.slice(1)) || user,
    user,
    password: parsed.password === '' ? undefined : decodeURIComponent(parsed.password),
    tls: TLS_MODES.has(mode) ? (mode as TlsMode) : 'prefer',
    rootCertificate: query.get('sslrootcert') ?? undefined,
  };
}

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
