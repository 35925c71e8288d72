import type { StepKind } from '../../model/kind.ts';
import { curl } from './client/by-hand.ts';
import { renderClient } from './client/client.ts';
import { readPostgres, readRecovery } from './client/resources.ts';
import { findRenderId, nameOf, renderIdOf, targetUse } from '../context/target.ts';
import type { Output, With } from '../types.ts';

/** Reads a database instance and how far back it can be recovered. */
export const renderPostgres: StepKind<With['render.postgres'], Output['render.postgres']> = {
  name: 'render.postgres',
  effect: () => 'read',
  describe: (args) => `Read the database ${nameOf(args.database)} at Render`,
  byHand(args, environment) {
    const id = findRenderId(args.database);
    if (id === undefined) return undefined;
    return [`/postgres/${id}`, `/postgres/${id}/recovery`]
      .map((path) => curl(environment, { method: 'GET', path }))
      .join('\n');
  },
  targets: (args) => [targetUse('databases', args.database, 'read', 'provider')],
  async run(args, context) {
    const client = renderClient(context, args.database);
    const id = renderIdOf(args.database);
    const postgres = await readPostgres(client, id);
    return { ...postgres, recovery: { ...(await readRecovery(client, id)) } };
  },
};
