import type { ValueMap } from '../../base/value.ts';
import type { FaultDatabases, Injection } from './fault.ts';
import { asText } from '../ground/text.ts';
import { databaseOf } from './table.ts';

/** Rejects where an accident outside of the recovery window would leave nothing to restore from. */
export function expectBackups(count: number, fault: string): void {
  if (count > 0) return;
  throw new Error(
    `${fault}: there is no older backup to restore from: this machine has no pg_dump that fits (install ` +
      "PostgreSQL's client tools), or the world has no part of the kind older-backups; leave outsideWindow out",
  );
}

/** Begins the recovery window anew: what was broken before can only come from a backup of before. */
export async function beginWindowAnew(
  fault: string,
  args: ValueMap,
  world: FaultDatabases,
  { description, output }: Injection,
): Promise<Injection> {
  const database = databaseOf(world, asText(args['database']) ?? '', fault);
  await database.backUp();
  return {
    description: `${description}, before the recovery window`,
    output: { ...output, ...(database.startsAt !== undefined && { startsAt: database.startsAt }) },
  };
}
