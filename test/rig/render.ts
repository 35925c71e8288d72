import { rm } from 'node:fs/promises';
import { afterAll, afterEach, beforeAll, beforeEach, expect } from 'vitest';
import type { Json, JsonObject } from '../../engine/base/json.ts';
import type { ValueMap } from '../../engine/base/value.ts';
import type { Listener, Reply, Request } from '../../engine/sandbox/ground/http.ts';
import { listen } from '../../engine/sandbox/ground/http.ts';
import { RenderApi } from '../../engine/sandbox/render/api.ts';
import { Contract } from '../../engine/sandbox/render/contract.ts';
import { Database } from '../../engine/sandbox/render/database.ts';
import { keptSettings } from '../../engine/sandbox/render/database-settings.ts';
import type { Instance } from '../../engine/sandbox/render/service.ts';
import { Service } from '../../engine/sandbox/render/service.ts';
import { Workspace } from '../../engine/sandbox/render/workspace.ts';
import { installPostgres, query } from './postgres.ts';
import type { StepRig } from './step.ts';
import { stepRig } from './step.ts';

/**
 * The sandbox's Render service in this process, with faults on demand. It has one service, which
 * was deployed once; a database is added where a test needs one.
 */
export interface RenderRig {
  readonly workspace: Workspace;
  readonly service: Service;
  /** The base of the API. */
  readonly api: string;
  /** The section `render` of an environment. */
  readonly settings: ValueMap;
  /** The entry of the service in an environment. */
  readonly target: ValueMap;
  /** What was asked, as `GET /services/srv-…`. */
  readonly requests: readonly string[];
  /** Answers the next requests that match instead of the service; undefined lets one through. */
  intercept(answer: (request: Request) => Reply | Promise<Reply> | undefined): void;
  /** What the service would answer to a GET, past the interception. */
  ask(path: string): Promise<JsonObject>;
  /** The next instance of the service does not start: the deploy fails. */
  breakDeploys(): void;
  /** Begins anew: another workspace, no requests, no faults. */
  renew(): void;
  close(): Promise<void>;
}

export const RENDER_KEY_VARIABLE = 'DRILLBOOK_TEST_RENDER_KEY';

export async function startRender(): Promise<RenderRig> {
  const contract = await Contract.load();
  const requests: string[] = [];
  let stage = setStage(contract);
  const listener: Listener = await listen(async (request) => {
    requests.push(`${request.method} ${request.path.replace(/^\/v1/, '')}`);
    return (await stage.intercept(request)) ?? stage.api.answer(request);
  });
  const apiUrl = `${listener.url}/v1`;
  return {
    get workspace() {
      return stage.workspace;
    },
    get service() {
      return stage.service;
    },
    requests,
    api: apiUrl,
    get settings() {
      return {
        api: apiUrl,
        key: { $ref: 'env', name: RENDER_KEY_VARIABLE },
        workspace: stage.workspace.id,
        statusPage: `${listener.url}/status`,
      };
    },
    get target() {
      const { workspace, service } = stage;
      return {
        name: service.name,
        renderId: service.id,
        fingerprint: { renderId: service.id, workspace: workspace.id },
        $target: 'services.api',
      };
    },
    async ask(path) {
      const headers = { authorization: `Bearer ${stage.workspace.key}` };
      const query = new URLSearchParams();
      const request = { method: 'GET', path: `/v1${path}`, query, headers, body: undefined };
      return (await stage.api.answer(request)).body as JsonObject;
    },
    intercept: (answer) => (stage.intercept = answer),
    breakDeploys: () => (stage.breaks = true),
    renew() {
      stage = setStage(contract);
      requests.length = 0;
    },
    async close() {
      await stage.workspace.shutDown();
      await listener.close();
    },
  };
}

interface Stage {
  readonly workspace: Workspace;
  readonly service: Service;
  readonly api: RenderApi;
  intercept: (request: Request) => Reply | Promise<Reply> | undefined;
  breaks: boolean;
}

/** A workspace with one service that was deployed once, whose key the environment has. */
function setStage(contract: Contract): Stage {
  const workspace = new Workspace('the rig');
  const service = new Service<Instance>({
    name: 'peakops-api',
    type: 'web_service',
    environment: { DATABASE_URL: 'postgresql://old' },
    startCommand: 'gunicorn peakops.wsgi',
    start: () =>
      stage.breaks ? Promise.reject(new Error('it does not start')) : Promise.resolve(idleInstance()),
  });
  const stage: Stage = {
    ...{ workspace, service, api: new RenderApi(workspace, contract) },
    ...{ intercept: () => undefined, breaks: false },
  };
  service.url = 'http://127.0.0.1/site';
  workspace.addService(service);
  const createdAt = new Date();
  service.deploys.push({
    ...{
      id: 'dep-00000000000000000001',
      trigger: 'deployed_by_render',
      status: 'live',
      commit: service.commit,
    },
    ...{ createdAt, startedAt: createdAt, updatedAt: createdAt, finishedAt: createdAt },
  });
  process.env[RENDER_KEY_VARIABLE] = workspace.key;
  return stage;
}

export interface DatabaseRig {
  readonly database: Database;
  /** The entry of the database in an environment. */
  readonly target: ValueMap;
  readonly systemIdentifier: string;
  close(): Promise<void>;
}

const SETTINGS = keptSettings({
  ...{ name: 'peakops-main', databaseName: 'peakops', role: 'peakops_user' },
  ...{ diskSizeGB: 10, diskAutoscaling: true, parameters: { log_min_duration_statement: '500' } },
});

/** A real PostgreSQL server with a first base backup, as an instance at that Render. */
export async function addDatabase(render: RenderRig): Promise<DatabaseRig> {
  const installation = await installPostgres();
  const database = await Database.create(installation, SETTINGS, () => undefined);
  render.workspace.addDatabase(database);
  await database.backUp();
  const [identity] = await query<{ id: string }>(
    database.url,
    'select system_identifier::text as id from pg_control_system()',
  );
  const systemIdentifier = identity?.id ?? '';
  return {
    database,
    systemIdentifier,
    target: {
      name: database.name,
      renderId: database.id,
      fingerprint: {
        systemIdentifier,
        host: new URL(database.externalUrl).host,
        database: database.databaseName,
        renderId: database.id,
      },
      $target: 'databases.main',
    },
    async close() {
      await render.workspace.shutDown();
      await rm(installation.folder, { recursive: true, force: true });
    },
  };
}

/** A reply that carries an error, as Render words them. */
export const refusal = (status: number, message: string, headers: Record<string, string> = {}): Reply => ({
  status,
  body: { message } satisfies Json,
  headers,
});

const idleInstance = (): Instance => ({
  check: () => Promise.resolve(),
  serve: () => undefined,
  stop: () => Promise.resolve(),
});

/** What the tests of a kind do at that Render: `stepWith` is a step in its environment, as an earlier life left it. */
const stepAt =
  (render: RenderRig) =>
  (checkpoint?: Json): StepRig =>
    stepRig({ environment: { render: render.settings }, ...(checkpoint !== undefined && { checkpoint }) });

/** The service, in a new workspace for each test of a file; it ends after them. */
export async function renderWithService() {
  const render = await startRender();
  beforeEach(() => render.renew());
  afterEach(() => render.workspace.shutDown());
  afterAll(() => render.close());
  return { render, stepWith: stepAt(render) };
}

/** The service with a database, for all tests of a file; it ends after them. */
export async function renderWithDatabase() {
  const render = await startRender();
  afterAll(() => render.close());
  return { render, rig: databaseAt(render), stepWith: stepAt(render) };
}

/**
 * A database at that Render for all tests of a file. Its server starts before them and no sooner: a file is imported
 * to list its tests, too, and then nobody would end it.
 */
export function databaseAt(render: RenderRig): DatabaseRig {
  let started: DatabaseRig | undefined;
  const rig = (): DatabaseRig => started ?? expect.fail('the database starts before the tests');
  beforeAll(async () => {
    started = await addDatabase(render);
  });
  afterAll(() => started?.close());
  return {
    get database() {
      return rig().database;
    },
    get target() {
      return rig().target;
    },
    get systemIdentifier() {
      return rig().systemIdentifier;
    },
    close: () => rig().close(),
  };
}
