import { CommandError, EXIT } from '../exit.ts';
import { databaseAddress } from '../paths.ts';

/** The address of a store in PostgreSQL, without which there is no queue. */
export function sharedStore(option: string | undefined): string {
  const address = databaseAddress(option);
  if (address !== undefined) return address;
  throw new CommandError('workers stand on a store in PostgreSQL, and this one is a folder', {
    exitCode: EXIT.invalid,
    hint: 'Name the store: --store postgresql://USER@HOST/DATABASE, DRILLBOOK_STORE, or store: in the environment. docs/teams.md makes one.',
  });
}
