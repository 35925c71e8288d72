import { humanDuration } from '../../base/human.ts';
import { Instant } from '../../base/instant.ts';
import type { JsonObject } from '../../base/json.ts';
import { isJsonObject } from '../../base/json.ts';
import type { StepContext, StepKind } from '../../model/kind.ts';
import { StepError } from '../../model/kind.ts';
import { during, pause } from '../context/activity.ts';
import { poll } from '../context/poll.ts';
import { curl } from './client/by-hand.ts';
import type { RenderClient } from './client/client.ts';
import { renderClient } from './client/client.ts';
import { recoveryDelays } from './client/config.ts';
import { datadogOrder } from './client/datadog.ts';
import type { Call } from './client/errors.ts';
import { databaseHandle } from './client/handles.ts';
import type { Difference } from './client/differences.ts';
import { bringTo, readSettings, withoutStandbys } from './client/postgres-settings.ts';
import type { Postgres } from './client/resources.ts';
import { readPostgres, readRecovery, toPostgres } from './client/resources.ts';
import { findRenderId, nameOf, renderIdOf, targetUse } from '../context/target.ts';
import type { Output, With } from '../types.ts';

type Args = With['render.recover-postgres'];
type Result = Output['render.recover-postgres'];

/** So that two clocks that differ by less than their answer shows do not cost a refusal. */
const MARGIN_MS = 1000;

const call = (id: string): Call => ({ method: 'POST', path: `/postgres/${id}/recovery` });

/**
 * Recovers a database to a moment, into a new instance: Render never does it in place. Waits by
 * itself until the moment can be targeted. What the recovery does not carry over (high availability, replicas,
 * pooler, parameters) an update adds. https://render.com/docs/postgresql-backups
 */
export const renderRecoverPostgres: StepKind<Args, Result> = {
  name: 'render.recover-postgres',
  gives: ['render.postgres'],
  outputs: ['database'],
  effect: () => 'write',
  describe: (args) =>
    `Recover ${nameOf(args.database)} to ${momentOf(args)}, into a new database ${args.standbys === false ? 'without standbys ' : ''}that is billed`,
  byHand(args, environment) {
    const id = findRenderId(args.database);
    return id === undefined ? undefined : curl(environment, call(id), orderOf(args));
  },
  // The database itself is only read; but what is made stands, and is billed, in its workspace.
  targets: (args) => [targetUse('databases', args.database, 'write', 'provider')],

  async run(args, context) {
    const client = renderClient(context);
    const begun = await findBegun(args, context, client);
    if (begun !== undefined)
      context.log(`the recovery into ${begun.name} (${begun.id}) is under way already`);
    const copy = begun ?? (await begin(args, context, client));
    const recovered = await untilAvailable(context, client, copy);
    const settings = await readSettings(client, renderIdOf(args.database));
    const wanted = { ...(args.standbys === false ? withoutStandbys(settings) : settings), ...planOf(args) };
    return output(args, context, recovered, await bringTo(wanted, context, client, recovered.id));
  },

  async reconcile(args, context) {
    const begun = await findBegun(args, context, renderClient(context));
    return { verdict: begun === undefined ? 'notHappened' : 'reattach' };
  },
};

/**
 * What a former life or attempt of this step began: known by its id, else by the name that
 * only this step gives. One that has failed is not taken up again.
 */
async function findBegun(
  args: Args,
  context: StepContext,
  client: RenderClient,
): Promise<Postgres | undefined> {
  const { checkpoint } = context;
  if (isJsonObject(checkpoint) && typeof checkpoint['id'] === 'string' && isSameOrder(checkpoint, args)) {
    const copy = await readPostgres(client, checkpoint['id']);
    return hasFailed(copy) ? undefined : copy;
  }
  const name = nameFor(args, context);
  for await (const json of client.list('/postgres', 'postgres', { name })) {
    const copy = toPostgres(json);
    if (copy.name === name && !hasFailed(copy)) return copy;
  }
  return undefined;
}

const hasFailed = (copy: Postgres): boolean => copy.status === 'recovery_failed';

/** A retry with another moment is another recovery. */
const isSameOrder = (checkpoint: JsonObject, args: Args): boolean =>
  checkpoint['from'] === renderIdOf(args.database) && checkpoint['at'] === args.at.toString();

/** Derived from run, step and moment: a crash between order and answer leaves it findable. */
const nameFor = (args: Args, context: StepContext): string =>
  context.resourceName(args.at.toString().replaceAll(/\D/g, ''));

async function begin(args: Args, context: StepContext, client: RenderClient): Promise<Postgres> {
  const id = renderIdOf(args.database);
  const { at } = args;
  await checkWindow(client, context, id, at);
  await untilTargetable(client, context, at);
  const answer = await client.call(call(id), {
    body: {
      restoreName: nameFor(args, context),
      ...orderOf(args),
      ...(await datadogOrder(args.datadog, context, 'datadogApiKey')),
    },
  });
  const copy = toPostgres(answer.body ?? null);
  await context.saveCheckpoint({ id: copy.id, from: id, at: at.toString() });
  return copy;
}

const orderOf = (args: Args): JsonObject => ({ restoreTime: momentOf(args), ...planOf(args) });

const planOf = ({ plan }: Args): { plan?: string } => (plan === undefined ? {} : { plan });

async function checkWindow(
  client: RenderClient,
  context: StepContext,
  id: string,
  at: Instant,
): Promise<void> {
  const { status, startsAt } = await readRecovery(client, id);
  if (status !== 'AVAILABLE') {
    throw new StepError(`Render offers no point-in-time recovery of this database now (${status})`, {
      code: status,
      hint:
        status === 'BACKUP_NOT_READY'
          ? 'The first backup is not ready yet: try again later, or restore an export.'
          : 'Free instances have none: restore an export or a dump of your own.',
      retryable: status === 'BACKUP_NOT_READY',
    });
  }
  if (startsAt !== null && at.epochMicros < startsAt.epochMicros) {
    throw new StepError(
      `${at.toString()} lies before the recovery window, which begins at ${startsAt.toString()}`,
      {
        code: 'outsideWindow',
        hint: 'Choose a later moment, or restore an export or a dump from before.',
        details: { startsAt },
      },
    );
  }
  const now = providerNow(client, context);
  if (at.epochMillis > now) {
    throw new StepError(`${at.toString()} lies in the future`, {
      code: 'inFuture',
      hint: `It is ${Instant.fromMillis(now).toString()} now: is the offset right?`,
    });
  }
}

/** Render refuses a moment that is too young. Where the environment shortens that, the real wait is told too. */
async function untilTargetable(client: RenderClient, context: StepContext, at: Instant): Promise<void> {
  const { targetable, real, source } = recoveryDelays(context.environment);
  const now = providerNow(client, context);
  const waitMs = Math.max(0, at.epochMillis + targetable.millis + MARGIN_MS - now);
  const realMs = Math.max(0, at.epochMillis + real.millis + MARGIN_MS - now);
  const isModelled = realMs !== waitMs;
  if (waitMs === 0 && !isModelled) return;
  const reason = `Render recovers to moments that are ${humanDuration(targetable.millis)} old or older`;
  context.log(`${reason}: waiting ${humanDuration(waitMs)}`);
  await during(
    context,
    {
      class: 'external',
      reason,
      ...(isModelled && { modelledMs: Math.round(realMs), modelledBy: source }),
    },
    () => pause(context, waitMs),
  );
}

/** Render's clock decides, not this machine's. Milliseconds since the epoch. */
const providerNow = (client: RenderClient, context: StepContext): number =>
  context.clock.now().epochMillis + client.clockSkewMs;

function untilAvailable(context: StepContext, client: RenderClient, copy: Postgres): Promise<Postgres> {
  return poll(context, {
    reason: `Render recovers into ${copy.name}`,
    read: () => readPostgres(client, copy.id),
    show: ({ status }) => `${copy.id}: ${status}`,
    done(reading) {
      if (!hasFailed(reading)) return reading.status === 'available';
      throw new StepError(`Render could not recover into ${copy.name} (${copy.id})`, {
        code: reading.status,
        hint: 'The original is untouched. Try again, or another moment, and delete the failed instance later.',
        changed: 'something',
        retryable: true,
        details: { id: copy.id },
      });
    },
  });
}

const momentOf = (args: Args): string => {
  const { at } = args;
  return at instanceof Instant ? at.toString() : typeof at === 'string' ? at : '(not known yet)';
};

const output = (
  args: Args,
  context: StepContext,
  copy: Postgres,
  differences: readonly Difference[],
): Result => ({
  database: databaseHandle(context, copy),
  id: copy.id,
  name: copy.name,
  target: args.at,
  differences: differences.map((difference) => ({ ...difference })),
});
