import type { StepKind } from '../../model/kind.ts';
import { curl } from './client/by-hand.ts';
import { renderClient } from './client/client.ts';
import { differencesText } from './client/differences.ts';
import { differencesOf, isOpenToAll, readSettings } from './client/postgres-settings.ts';
import { findRenderId, nameOf, renderIdOf, targetUse } from '../context/target.ts';
import type { Output, With } from '../types.ts';

/** Holds the settings of one database instance against those of another; nothing is asked of the servers themselves. */
export const renderComparePostgres: StepKind<
  With['render.compare-postgres'],
  Output['render.compare-postgres']
> = {
  name: 'render.compare-postgres',
  effect: () => 'read',
  describe: (args) => `Hold the settings of ${nameOf(args.database)} at Render against ${nameOf(args.like)}`,
  byHand(args, environment) {
    const ids = [args.like, args.database].map(findRenderId);
    if (ids.includes(undefined)) return undefined;
    const [left, right] = ids.map((id) =>
      curl(environment, { method: 'GET', path: `/postgres/${id ?? ''}` }),
    );
    return `diff <(${left ?? ''} | jq -S .) <(${right ?? ''} | jq -S .)`;
  },
  targets: (args) => [
    targetUse('databases', args.database, 'read', 'provider'),
    targetUse('databases', args.like, 'read', 'provider'),
  ],
  async run(args, context) {
    const client = renderClient(context);
    const wanted = await readSettings(client, renderIdOf(args.like));
    const found = await readSettings(client, renderIdOf(args.database));
    const except = new Set<string>(args.except);
    const differences = differencesOf(wanted, found).filter(({ setting }) => !except.has(setting));
    return {
      same: differences.length === 0,
      differences: differences.map((difference) => ({ ...difference })),
      summary: differencesText(differences),
      openToAll: isOpenToAll(found),
    };
  },
};
