import type { JsonObject } from '../../base/json.ts';
import { isJsonObject } from '../../base/json.ts';
import type { StepContext, StepKind } from '../../model/kind.ts';
import { StepError } from '../../model/kind.ts';
import { poll } from '../context/poll.ts';
import { cidr } from './client/allow-list.ts';
import { curl } from './client/by-hand.ts';
import type { RenderClient } from './client/client.ts';
import { renderClient } from './client/client.ts';
import { renderWorkspace } from './client/config.ts';
import type { Call } from './client/errors.ts';
import { databaseHandle } from './client/handles.ts';
import type { Postgres } from './client/resources.ts';
import { readPostgres, toPostgres } from './client/resources.ts';
import type { Difference } from './client/differences.ts';
import type { PostgresSettings } from './client/postgres-settings.ts';
import { asOrder, bringTo, readSettings, withoutStandbys } from './client/postgres-settings.ts';
import { datadogOrder } from './client/datadog.ts';
import { nameOf, renderIdOf, targetUse } from '../context/target.ts';
import type { Output, With } from '../types.ts';

type Args = With['render.create-postgres'];
type Result = Output['render.create-postgres'];

const CALL: Call = { method: 'POST', path: '/postgres' };

/** Makes a new, empty database instance and waits until it is available. It is billed until it is deleted. */
export const renderCreatePostgres: StepKind<Args, Result> = {
  name: 'render.create-postgres',
  gives: ['render.postgres'],
  outputs: ['database'],
  effect: () => 'write',
  describe(args) {
    const { like, region, standbys } = args;
    const but = standbys === false ? ' but its standbys' : '';
    return [
      'Make a new, empty database',
      ...(like === undefined ? [] : [`with all settings of ${nameOf(like)}${but}`]),
      ...(region === undefined ? [] : [`in ${region}`]),
    ]
      .join(' ')
      .concat(', which is billed');
  },
  byHand: (args, environment) =>
    curl(environment, CALL, {
      name: 'new-database',
      ownerId: renderWorkspace(environment) ?? 'tea-…',
      plan: '…',
      version: '…',
      ...asOrder({ ...CLOSED, ...given(args) }),
    }),
  targets(args) {
    const { like } = args;
    return like === undefined ? [] : [targetUse('databases', like, 'read', 'provider')];
  },

  async run(args, context) {
    const client = renderClient(context);
    const begun = await findBegun(context, client);
    if (begun !== undefined) context.log(`${begun.name} (${begun.id}) has been ordered already`);
    const settings = await wantedSettings(args, client);
    const ordered = begun ?? (await order(args, context, client, settings));
    const database = await untilAvailable(context, client, ordered);
    return output(context, database, await bringTo(settings, context, client, database.id));
  },

  async reconcile(_args, context) {
    const begun = await findBegun(context, renderClient(context));
    return { verdict: begun === undefined ? 'notHappened' : 'reattach' };
  },
};

/** What a former life of this step ordered: known by its id, else by the name that only this step gives. */
async function findBegun(context: StepContext, client: RenderClient): Promise<Postgres | undefined> {
  const { checkpoint } = context;
  if (isJsonObject(checkpoint) && typeof checkpoint['id'] === 'string') {
    return readPostgres(client, checkpoint['id']);
  }
  const name = context.resourceName();
  for await (const json of client.list('/postgres', 'postgres', { name })) {
    const database = toPostgres(json);
    if (database.name === name) return database;
  }
  return undefined;
}

async function order(
  args: Args,
  context: StepContext,
  client: RenderClient,
  settings: PostgresSettings,
): Promise<Postgres> {
  const model = args.like === undefined ? undefined : await readPostgres(client, renderIdOf(args.like));
  const body: JsonObject = {
    name: context.resourceName(),
    ...asOrder(settings),
    ...(await datadogOrder(args.datadog, context, 'datadogAPIKey')),
    ownerId: workspaceOf(context, model),
  };
  if (body['plan'] === undefined || body['version'] === undefined) {
    throw new StepError('neither "like" nor both of "plan" and "version" say what to make', {
      code: 'usage',
      hint: 'Give "like: ${{ env.databases.main }}", or the plan and the version.',
    });
  }
  const database = toPostgres((await client.call(CALL, { body })).body ?? null);
  await context.saveCheckpoint({ id: database.id });
  return database;
}

/** Those of the model, and those given before them. Without either, nobody comes in from outside. */
async function wantedSettings(args: Args, client: RenderClient): Promise<PostgresSettings> {
  const { like, standbys } = args;
  const model = like === undefined ? CLOSED : await readSettings(client, renderIdOf(like));
  return { ...(standbys === false ? withoutStandbys(model) : model), ...given(args) };
}

/** What Render makes of an order without a list is open to the whole internet. */
const CLOSED: PostgresSettings = { ipAllowList: [] };

function given(args: Args): PostgresSettings {
  const named = ['plan', 'version', 'region', 'databaseName'] as const;
  const { user, diskSizeGB, allow } = args;
  return {
    ...Object.fromEntries(
      named.flatMap((key) => {
        const value = args[key];
        return value === undefined ? [] : [[key, value]];
      }),
    ),
    ...(user !== undefined && { databaseUser: user }),
    ...(diskSizeGB !== undefined && { diskSizeGB }),
    ...(allow !== undefined && {
      ipAllowList: allow.map((range) => ({ cidrBlock: cidr(range), description: 'drillbook' })),
    }),
  };
}

function workspaceOf(context: StepContext, model: Postgres | undefined): string {
  const workspace = renderWorkspace(context.environment) ?? model?.workspace;
  if (workspace !== undefined) return workspace;
  throw new StepError('the environment does not say which workspace at Render it is', {
    code: 'notConfigured',
    hint: 'Add "render: { workspace: tea-… }" to the environment.',
  });
}

function untilAvailable(context: StepContext, client: RenderClient, database: Postgres): Promise<Postgres> {
  return poll(context, {
    reason: `Render makes ${database.name}`,
    read: () => readPostgres(client, database.id),
    show: ({ status }) => `${database.id}: ${status}`,
    done({ status }) {
      if (status !== 'unavailable') return status === 'available';
      throw new StepError(`Render could not make ${database.name} (${database.id})`, {
        code: status,
        hint: 'Look at it in the dashboard; delete it before another try.',
        changed: 'something',
        details: { id: database.id },
      });
    },
  });
}

const output = (context: StepContext, database: Postgres, differences: readonly Difference[]): Result => ({
  database: databaseHandle(context, database),
  id: database.id,
  name: database.name,
  region: database.region,
  plan: database.plan,
  version: database.version,
  differences: differences.map((difference) => ({ ...difference })),
});
