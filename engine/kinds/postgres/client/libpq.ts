import type { Address } from './address.ts';

/**
 * What a program of PostgreSQL is told about the connection: in its environment, which only its own
 * user can read, never as an argument. Nothing of whoever started drillbook comes in beside it.
 */
export function libpqEnvironment(
  address: Address,
  options: { readonly name: string; readonly clientMajor: number; readonly settings?: string },
): Record<string, string> {
  const systemRoots = address.tls.startsWith('verify') && options.clientMajor >= 16 ? 'system' : undefined;
  const settings = [address.options, options.settings].filter(Boolean).join(' ');
  const root = address.rootCertificate ?? systemRoots;
  return {
    ...offlineEnvironment(),
    PGHOST: address.host,
    PGPORT: String(address.port),
    PGUSER: address.user,
    PGDATABASE: address.database,
    PGPASSFILE: '/dev/null',
    PGSSLMODE: address.tls,
    PGCONNECT_TIMEOUT: String(address.connectTimeoutMs / 1000),
    PGAPPNAME: options.name,
    ...(address.password !== undefined && { PGPASSWORD: address.password }),
    ...(root !== undefined && { PGSSLROOTCERT: root }),
    ...(settings !== '' && { PGOPTIONS: settings }),
  };
}

/** For a program that connects to nothing; its messages are read here. */
export const offlineEnvironment = (): Record<string, string> => ({
  PATH: process.env['PATH'] ?? '/usr/bin:/bin',
  LC_ALL: 'C',
});

/** `dbname=…` for a program that insists on an argument. */
export const libpqDatabase = (database: string): string =>
  `dbname='${database.replaceAll(/['\\]/g, String.raw`\$&`)}'`;
