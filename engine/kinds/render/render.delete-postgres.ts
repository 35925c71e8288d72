import type { ValueMap } from '../../base/value.ts';
import type { StepContext, StepKind } from '../../model/kind.ts';
import { StepError } from '../../model/kind.ts';
import { poll } from '../context/poll.ts';
import { curl } from './client/by-hand.ts';
import type { RenderClient } from './client/client.ts';
import { renderClient } from './client/client.ts';
import type { Call } from './client/errors.ts';
import type { Postgres } from './client/resources.ts';
import { readPostgres } from './client/resources.ts';
import { findRenderId, nameOf, renderIdOf, targetUse } from '../context/target.ts';
import type { Output, With } from '../types.ts';

type Result = Output['render.delete-postgres'];

const ANY = 'any, with its backups';

const call = (id: string): Call => ({ method: 'DELETE', path: `/postgres/${encodeURIComponent(id)}` });

/**
 * Deletes a database instance for good: its backups, its recovery window and its exports go with it. Only one that
 * this run created, unless told otherwise in so many words.
 */
export const renderDeletePostgres: StepKind<With['render.delete-postgres'], Result> = {
  name: 'render.delete-postgres',
  effect: () => 'destructive',
  describe: (args) => `Delete the database ${nameOf(args.database)}, its backups and its exports, for good`,
  byHand(args, environment) {
    const id = findRenderId(args.database);
    return id === undefined ? undefined : curl(environment, call(id));
  },
  targets: (args) => [targetUse('databases', args.database, 'destructive', 'provider')],

  async run(args, context) {
    const client = renderClient(context);
    const id = renderIdOf(args.database);
    const before = await find(client, id);
    if (before === undefined) return output(id, nameOf(args.database), context.checkpoint === undefined);
    if (args.which !== ANY) checkCreated(args.database, before, context);
    await context.saveCheckpoint({ deleting: id });
    await client.call(call(id));
    await poll(context, {
      reason: `Render deletes ${before.name}`,
      read: () => find(client, id),
      done: (found) => found === undefined,
    });
    return output(id, before.name, false);
  },

  async reconcile(args, context) {
    const id = renderIdOf(args.database);
    const found = await find(renderClient(context), id);
    if (found !== undefined) return { verdict: 'notHappened' };
    const alreadyGone = context.checkpoint === undefined;
    return { verdict: 'happened', output: output(id, nameOf(args.database), alreadyGone) };
  },
};

async function find(client: RenderClient, id: string): Promise<Postgres | undefined> {
  try {
    return await readPostgres(client, id);
  } catch (error) {
    if (error instanceof StepError && (error.code === '404' || error.code === '410')) return undefined;
    throw error;
  }
}

/** Names of what a run creates begin with its id; a handle alone could have been written by hand. */
function checkCreated(target: ValueMap, { id, name }: Postgres, { run }: StepContext): void {
  const claims = typeof target['created'] === 'string' && !('$target' in target);
  if (claims && name.startsWith(`drillbook-${run.id.replaceAll(/[^A-Za-z0-9-]+/g, '-')}-`)) return;
  throw new StepError(`this run did not create ${name} (${id}), so it does not delete it`, {
    code: 'notCreatedByRun',
    hint: `Deleting takes its backups with it. If that is meant: "which: ${ANY}".`,
  });
}

const output = (id: string, name: string, alreadyGone: boolean): Result => ({
  database: { id, name },
  deleted: true,
  alreadyGone,
});
