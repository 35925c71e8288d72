import { join, relative, resolve } from 'node:path';
import { CommandError, EXIT } from './exit.ts';
import { PACKAGE_ROOT } from './package-info.ts';

/** The playbooks that come with the package. */
export const SHIPPED_PLAYBOOKS = join(PACKAGE_ROOT, 'playbooks');

/** `--store`, else DRILLBOOK_STORE, else `.drillbook` in the working folder. */
export function storeFolder(option: string | undefined): string {
  return resolve(option ?? process.env['DRILLBOOK_STORE'] ?? '.drillbook');
}

/** The address where `--store`, else DRILLBOOK_STORE, names a database; undefined where it is a folder. */
export function databaseAddress(option: string | undefined): string | undefined {
  const named = option ?? process.env['DRILLBOOK_STORE'];
  if (named === undefined || !/^postgres(?:ql)?:\/\//.test(named)) return undefined;
  // Every account of the machine reads command lines, and shells keep them.
  if (option !== undefined && /^[^/?#]*\/\/[^/?#@]*:[^/?#@]+@|[?&]password=/.test(option))
    throw new CommandError('--store has a password in it, which others can read there', {
      exitCode: EXIT.invalid,
      hint: 'Put the address into DRILLBOOK_STORE, or leave the password to PGPASSFILE (~/.pgpass).',
    });
  return named;
}

/** As a person would type it from here. */
export function shownPath(path: string): string {
  const fromHere = relative(process.cwd(), path);
  return fromHere === '' || fromHere.startsWith('..') ? path : fromHere;
}
