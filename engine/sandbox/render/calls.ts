import { Instant } from '../../base/instant.ts';
import type { Json, JsonObject } from '../../base/json.ts';
import { isJsonArray, isJsonObject } from '../../base/json.ts';
import type { Reply } from '../http.ts';
import type { Database } from './database.ts';
import { connectionDocument, databaseDocument, deployDocument, serviceDocument } from './documents.ts';
import { page } from './paging.ts';
import type { Service } from './service.ts';
import { textOf } from '../text.ts';
import type { Workspace } from './workspace.ts';
import { TARGETABLE_AFTER } from './workspace.ts';

/** A valid request, with what stood in its path and its query. */
export interface Call {
  readonly workspace: Workspace;
  readonly path: Readonly<Record<string, string>>;
  readonly query: Readonly<Record<string, Json>>;
  readonly body: JsonObject | readonly Json[];
  /** Where a web service is reached. */
  readonly siteUrl: string;
}

/** An answer that is not a success. */
export class Refusal extends Error {
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

/** What the sandbox does for each operation of `render-api.json`. */
export const CALLS: Readonly<Record<string, (call: Call) => Reply | Promise<Reply>>> = {
  'list-services': ({ workspace, query, siteUrl }) => ({
    status: 200,
    body: page(
      Array.from(workspace.services.values(), (service) => serviceDocument(service, workspace, siteUrl)),
      'service',
      query,
    ),
  }),
  'retrieve-service': (call) => ({
    status: 200,
    body: serviceDocument(serviceOf(call), call.workspace, call.siteUrl),
  }),
  'suspend-service': (call) => {
    const service = serviceOf(call);
    if (!service.suspended) void service.suspend();
    return { status: 202 };
  },
  'resume-service': (call) => {
    const service = serviceOf(call);
    if (service.suspended) service.resume();
    return { status: 202 };
  },
  'restart-service': (call) => {
    activeServiceOf(call, 400).restart();
    return { status: 200 };
  },
  'list-deploys': (call) => ({
    status: 200,
    body: page([...serviceOf(call).deploys].reverse().map(deployDocument), 'deploy', call.query),
  }),
  'create-deploy': (call) => {
    const mode = member(call.body, 'deployMode');
    if (mode === 'deploy_only' && member(call.body, 'commitId') !== undefined) {
      throw new Refusal(400, 'deployMode cannot be combined with commitId');
    }
    return {
      status: 201,
      body: deployDocument(activeServiceOf(call, 409).deploy('api', mode === 'deploy_only')),
    };
  },
  'retrieve-deploy': (call) => {
    const deploy = serviceOf(call).deploys.find(({ id }) => id === call.path['deployId']);
    if (deploy === undefined) throw new Refusal(404, 'deploy not found');
    return { status: 200, body: deployDocument(deploy) };
  },
  'get-env-vars-for-service': (call) => ({ status: 200, body: variablesPage(serviceOf(call), call.query) }),
  'update-env-vars-for-service': (call) => {
    const service = serviceOf(call);
    const inputs = (isJsonArray(call.body) ? call.body : []).filter(isJsonObject);
    service.replaceVariables(new Map());
    for (const input of inputs) service.setVariable(textOf(input['key']) ?? '', textOf(input['value']));
    return { status: 200, body: variablesPage(service, { limit: inputs.length }) };
  },
  'retrieve-env-var': (call) => {
    const key = call.path['envVarKey'] ?? '';
    const value = serviceOf(call).environment.get(key);
    if (value === undefined) throw new Refusal(404, 'environment variable not found');
    return { status: 200, body: { key, value } };
  },
  'update-env-var': (call) => {
    const key = call.path['envVarKey'] ?? '';
    return {
      status: 200,
      body: { key, value: serviceOf(call).setVariable(key, member(call.body, 'value')) },
    };
  },
  'list-postgres': ({ workspace, query }) => ({
    status: 200,
    body: page(
      Array.from(workspace.databases.values(), (database) => databaseDocument(database, workspace)),
      'postgres',
      query,
    ),
  }),
  'retrieve-postgres': (call) => ({ status: 200, body: databaseDocument(databaseOf(call), call.workspace) }),
  'delete-postgres': async (call) => {
    const database = databaseOf(call);
    call.workspace.databases.delete(database.id);
    await database.delete();
    return { status: 204 };
  },
  'retrieve-postgres-connection-info': (call) => {
    const database = databaseOf(call);
    if (database.status !== 'available') throw new Refusal(400, `the instance is ${database.status}`);
    return { status: 200, body: connectionDocument(database) };
  },
  'retrieve-postgres-recovery-info': (call) => {
    const { startsAt } = databaseOf(call);
    if (startsAt === undefined) return { status: 200, body: { recoveryStatus: 'BACKUP_NOT_READY' } };
    return { status: 200, body: { recoveryStatus: 'AVAILABLE', startsAt: startsAt.toString() } };
  },
  'recover-postgres': (call) => {
    const source = databaseOf(call);
    const target = recoveryTarget(source, member(call.body, 'restoreTime') ?? '');
    const name = member(call.body, 'restoreName') ?? `${source.name}-recovered`;
    const database = call.workspace.recover(source, name, target);
    return { status: 200, body: databaseDocument(database, call.workspace) };
  },
  'suspend-postgres': async (call) => {
    const database = databaseOf(call);
    if (database.status === 'available') await database.suspend();
    return { status: 202 };
  },
  'resume-postgres': async (call) => {
    const database = databaseOf(call);
    if (database.suspended) await database.resume();
    return { status: 202 };
  },
  'restart-postgres': async (call) => {
    const database = databaseOf(call);
    if (database.suspended) throw new Refusal(400, 'the instance is suspended');
    await database.restart();
    return { status: 202 };
  },
};

function serviceOf({ workspace, path }: Call): Service {
  const service = workspace.services.get(path['serviceId'] ?? '');
  if (service === undefined) throw new Refusal(404, 'service not found');
  return service;
}

/** Render lists 409 for a deploy without saying when; a suspended service is taken to be the case. */
function activeServiceOf(call: Call, status: number): Service {
  const service = serviceOf(call);
  if (service.suspended) throw new Refusal(status, 'the service is suspended');
  return service;
}

function databaseOf({ workspace, path }: Call): Database {
  const database = workspace.databases.get(path['postgresId'] ?? '');
  if (database === undefined) throw new Refusal(404, 'postgres instance not found');
  return database;
}

/** Render's rules: within the window, and not within the newest minutes. */
function recoveryTarget(source: Database, restoreTime: string): Instant {
  const target = Instant.parse(restoreTime);
  if (target === undefined) throw new Refusal(400, 'restoreTime is not a time');
  if (source.status !== 'available') throw new Refusal(400, `the instance is ${source.status}`);
  if (source.startsAt === undefined) throw new Refusal(400, 'the first backup is not ready');
  if (target.epochMicros < source.startsAt.epochMicros) {
    throw new Refusal(
      400,
      `restoreTime is before the recovery window, which starts at ${source.startsAt.toString()}`,
    );
  }
  const newest = new Instant(Date.now() * 1000 - TARGETABLE_AFTER.micros);
  if (target.epochMicros > newest.epochMicros) {
    throw new Refusal(400, `restoreTime must be at least ${TARGETABLE_AFTER.toString()} ago`);
  }
  return target;
}

function variablesPage(service: Service, query: Readonly<Record<string, Json>>): Json {
  const variables = Array.from(service.environment, ([key, value]) => ({ key, value }));
  return page(variables, 'envVar', query, ({ key }) => key);
}

const member = (body: JsonObject | readonly Json[], name: string): string | undefined =>
  isJsonArray(body) ? undefined : textOf(body[name]);
