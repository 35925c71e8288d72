import { sourceOf } from '../../model/environment.ts';
import type { StepKind } from '../../model/kind.ts';
import { curl } from './client/by-hand.ts';
import { renderClient } from './client/client.ts';
import { exportValue, readExports } from './client/exports.ts';
import { readRecovery } from './client/resources.ts';
import { findRenderId, nameOf, renderIdOf, targetUse } from '../context/target.ts';
import type { Output, With } from '../types.ts';

/** What a database could be restored from at Render: its recovery window, and its exports. */
export const renderBackups: StepKind<With['render.backups'], Output['render.backups']> = {
  name: 'render.backups',
  gives: ['render.export'],
  effect: () => 'read',
  describe(args) {
    const before = args.before === undefined ? '' : ' from before the moment';
    return `List what ${nameOf(args.database)} could be restored from${before}`;
  },
  byHand(args, environment) {
    const id = findRenderId(args.database);
    if (id === undefined) return undefined;
    return [`/postgres/${id}/recovery`, `/postgres/${id}/export`]
      .map((path) => curl(environment, { method: 'GET', path }))
      .join('\n');
  },
  targets: (args) => [targetUse('databases', args.database, 'read', 'provider')],
  async run(args, context) {
    const client = renderClient(context, args.database);
    const source = sourceOf(args.database);
    const id = renderIdOf(args.database);
    const { before } = args;
    const recovery = await readRecovery(client, id);
    const all = await readExports(client, id);
    const fitting = all.filter(
      ({ createdAt }) => before === undefined || createdAt.epochMicros < before.epochMicros,
    );
    const newest = fitting.find(({ link }) => link !== undefined);
    const reaches =
      recovery.status === 'AVAILABLE' &&
      (before === undefined ||
        (recovery.startsAt !== null && recovery.startsAt.epochMicros <= before.epochMicros));
    return {
      recovery: { ...recovery, reaches },
      exports: fitting.map((made) => exportValue(id, made, source)),
      newest: newest === undefined ? null : exportValue(id, newest, source),
    };
  },
};
