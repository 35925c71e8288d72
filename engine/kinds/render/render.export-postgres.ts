import { isJsonArray, isJsonObject } from '../../base/json.ts';
import type { StepContext, StepKind } from '../../model/kind.ts';
import { StepError } from '../../model/kind.ts';
import { poll } from '../context/poll.ts';
import { curl } from './client/by-hand.ts';
import type { RenderClient } from './client/client.ts';
import { renderClient } from './client/client.ts';
import type { Call } from './client/errors.ts';
import type { PostgresExport } from './client/exports.ts';
import { exportKey, exportValue, readExports } from './client/exports.ts';
import { findRenderId, nameOf, renderIdOf, targetUse } from '../context/target.ts';
import type { Output, With } from '../types.ts';

type Args = With['render.export-postgres'];

const call = (id: string): Call => ({ method: 'POST', path: `/postgres/${encodeURIComponent(id)}/export` });

/**
 * Has Render make a logical export and waits until it can be downloaded. Render gives neither an id for the order
 * nor a state: the export is the one that is new in the list, and one that failed never becomes ready.
 * The step's `timeout` decides how long that is waited for.
 */
export const renderExportPostgres: StepKind<Args, Output['render.export-postgres']> = {
  name: 'render.export-postgres',
  gives: ['render.export'],
  outputs: ['export'],
  effect: () => 'write',
  describe: (args) => `Export ${nameOf(args.database)} at Render`,
  byHand(args, environment) {
    const id = findRenderId(args.database);
    if (id === undefined) return undefined;
    return `${curl(environment, call(id))}\n${curl(environment, { ...call(id), method: 'GET' })}`;
  },
  targets: (args) => [targetUse('databases', args.database, 'write', 'provider')],

  async run(args, context) {
    const client = renderClient(context);
    const id = renderIdOf(args.database);
    const before = await orderedBefore(context, client, id);
    const made = await untilReady(context, client, id, before ?? (await order(args, context, client, id)));
    return { export: exportValue(id, made), id: made.id, createdAt: made.createdAt };
  },

  async reconcile(args, context) {
    const id = renderIdOf(args.database);
    const before = await orderedBefore(context, renderClient(context), id);
    return { verdict: before === undefined ? 'notHappened' : 'reattach' };
  },
};

/** Keys of the exports that were there before this step ordered one; undefined when nothing came of an order. */
async function orderedBefore(
  context: StepContext,
  client: RenderClient,
  id: string,
): Promise<ReadonlySet<string> | undefined> {
  const { checkpoint } = context;
  const list = isJsonObject(checkpoint) ? checkpoint['before'] : undefined;
  if (list === undefined || !isJsonArray(list)) return undefined;
  const before = new Set(list.map(String));
  const made = newOne(await readExports(client, id), before);
  if (made !== undefined) context.log(`the export ${made.id} has been ordered already`);
  return made === undefined ? undefined : before;
}

async function order(
  args: Args,
  context: StepContext,
  client: RenderClient,
  id: string,
): Promise<ReadonlySet<string>> {
  const before = new Set((await readExports(client, id)).map(exportKey));
  await context.saveCheckpoint({ before: [...before] });
  try {
    await client.call(call(id));
  } catch (error) {
    throw explained(error, nameOf(args.database));
  }
  return before;
}

/** Render allows one export of an instance at a time, and none of a free one. */
function explained(error: unknown, name: string): unknown {
  if (!(error instanceof StepError) || error.code !== '400') return error;
  return new StepError(`Render does not export ${name} now: ${error.message}`, {
    code: error.code,
    hint: 'Is another export of it in progress, or is it not available? Free instances have no exports at all.',
    retryable: true,
    details: error.details,
    cause: error,
  });
}

const newOne = (
  exports: readonly PostgresExport[],
  before: ReadonlySet<string>,
): PostgresExport | undefined =>
  // The oldest of the new ones: a later one is somebody else's.
  exports.filter((made) => !before.has(exportKey(made))).at(-1);

async function untilReady(
  context: StepContext,
  client: RenderClient,
  id: string,
  before: ReadonlySet<string>,
): Promise<PostgresExport> {
  const made = await poll(context, {
    reason: 'Render makes the export',
    read: async () => newOne(await readExports(client, id), before),
    show: (found) => (found === undefined ? 'it is not in the list yet' : `${found.id}: no link yet`),
    done: (found) => found?.link !== undefined,
  });
  if (made === undefined) throw new TypeError('a wait ended without an export');
  return made;
}
