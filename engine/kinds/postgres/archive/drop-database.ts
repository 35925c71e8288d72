import { quoteIdentifier } from '../client/identifiers.ts';
import { rowsOf } from '../client/server.ts';
import type { Session } from '../client/session.ts';
import { dropStatement, inventoryOf } from './inventory.ts';

/**
 * Drops a database, whoever is in it. The server refuses to as long as it has subscriptions, and those can only be
 * dropped from inside: `enter` opens it.
 */
export async function dropDatabase(
  session: Session,
  name: string,
  enter: () => Promise<Session>,
): Promise<void> {
  const [subscribed] = await rowsOf(
    session,
    'select subname from pg_subscription join pg_database d on d.oid = subdbid where datname = $1',
    [name],
  );
  if (subscribed !== undefined) {
    const inside = await enter();
    try {
      const subscriptions = (await inventoryOf(inside)).filter(({ type }) => type === 'subscription');
      await inside.command(dropStatement(subscriptions));
    } finally {
      await inside.close();
    }
  }
  await session.command(`drop database if exists ${quoteIdentifier(name)} with (force)`);
}
