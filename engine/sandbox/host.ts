import { randomBytes } from 'node:crypto';
import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import type { JsonObject } from '../base/json.ts';
import type { ValueMap } from '../base/value.ts';
import { environmentText } from './environment.ts';
import type { Injection } from './faults.ts';
import { injectFault } from './faults.ts';
import { inFolder } from './folder.ts';
import type { Listener } from './http.ts';
import { listen } from './http.ts';
import { ApiInstance } from './peakops/api.ts';
import type { Loss } from './peakops/ledger.ts';
import { Ledger } from './peakops/ledger.ts';
import { createSchema } from './peakops/schema.ts';
import { openSite } from './peakops/site.ts';
import { WorkerInstance } from './peakops/worker.ts';
import { serverAccount } from './postgres/account.ts';
import { archiveEverything } from './postgres/backup.ts';
import { findBinaries } from './postgres/binaries.ts';
import { withConnection } from './postgres/client.ts';
import { RenderApi } from './render/api.ts';
import { Contract } from './render/contract.ts';
import { Database } from './render/database.ts';
import type { Limits } from './render/limits.ts';
import { Service } from './render/service.ts';
import { Workspace } from './render/workspace.ts';
import { Storage } from './s3/storage.ts';

const BASELINE_TIMEOUT_MS = 20_000;
/** Acknowledged rows and time that a fault is preceded by, so that a moment shortly before it can be recovered to. */
const BASELINE_ROWS = 10;
const BASELINE_AGE_MS = 2000;
const LOGIN = { email: 'inspector1@peakops.test', password: 'a password of the sandbox' };

export interface HostOptions {
  readonly limits: Partial<Limits>;
  /** Progress, for whoever waits. */
  readonly report: (line: string) => void;
  /** What happens behind the scenes. */
  readonly log: (line: string) => void;
}

interface Parts {
  readonly workspace: Workspace;
  readonly ledger: Ledger;
  readonly main: Database;
  readonly api: Service<ApiInstance>;
  readonly worker: Service<WorkerInstance>;
  readonly site: Listener;
  readonly render: Listener;
  readonly renderApi: RenderApi;
  readonly systemIdentifier: string;
  readonly storage: Storage;
}

/** The parts of a world, in one process, and what can be asked of them as a whole. */
export class Host {
  readonly #folder: string;
  readonly #options: HostOptions;
  readonly #closers: (() => Promise<void>)[] = [];
  #parts: Parts | undefined;
  #stopping = false;

  constructor(folder: string, options: HostOptions) {
    this.#folder = folder;
    this.#options = options;
  }

  /** Builds the world. When it fails half-way, `stop` ends what was started. */
  async start(): Promise<void> {
    const places = inFolder(this.#folder);
    const { limits, log } = this.#options;
    const workspace = new Workspace(limits);
    this.#closers.push(() => workspace.shutDown());
    await writeFile(places.renderKey, workspace.key, { mode: 0o600 });
    const storage = await Storage.start(places.objects, log);
    this.#closers.push(() => storage.close());
    const { accessKeyId, secretAccessKey } = storage.service.account;
    await writeFile(places.awsAccessKeyId, accessKeyId, { mode: 0o600 });
    await writeFile(places.awsSecretAccessKey, secretAccessKey, { mode: 0o600 });

    const account = await serverAccount();
    await mkdir(places.servers);
    await Promise.all([chmod(this.#folder, 0o711), chmod(places.servers, 0o711)]);
    const binaries = await findBinaries({ account, copyTo: places.programs });
    this.#phase(
      `PostgreSQL ${String(binaries.version)} starts${account === undefined ? '' : ` as ${account.name}`}`,
    );
    const password = randomBytes(18).toString('base64url');
    const installation = { binaries, account, password, folder: places.servers, log };
    const main = await Database.create(installation, 'peakops-main', (database) =>
      workspace.addDatabase(database),
    );

    this.#phase('The tables are filled');
    await withConnection(main.url, createSchema);
    this.#phase('The base backup is taken');
    await main.backUp();
    const systemIdentifier = await identify(main);

    this.#phase('The services start');
    const ledger = new Ledger(places.ledger);
    const environment = {
      DATABASE_URL: main.url,
      DJANGO_SETTINGS_MODULE: 'peakops.settings',
      ...storage.variables,
    };
    await storage.ready();
    const api = new Service({
      name: 'peakops-api',
      type: 'web_service',
      environment,
      start: (variables) => ApiInstance.start(variables, { ledger, login: LOGIN }),
    });
    const worker = new Service({
      name: 'peakops-worker',
      type: 'background_worker',
      environment,
      start: (variables) => WorkerInstance.start(variables),
    });
    workspace.addService(api);
    workspace.addService(worker);
    api.deploy('deployed_by_render', true);
    worker.deploy('deployed_by_render', true);
    const site = await openSite(api);
    this.#closers.push(() => site.close());
    const renderApi = new RenderApi(workspace, await Contract.load(), site.url);
    const render = await listen((request) => renderApi.answer(request));
    this.#closers.push(() => render.close());
    await Promise.all([api.whenDone(), worker.whenDone()]);
    if (api.running === undefined || worker.running === undefined)
      throw new Error('the services did not start');
    this.#parts = {
      workspace,
      ledger,
      main,
      api,
      worker,
      site,
      render,
      renderApi,
      systemIdentifier,
      storage,
    };
  }

  environmentText(): string {
    const { workspace, main, api, worker, site, render, systemIdentifier, storage } = this.#built();
    const places = inFolder(this.#folder);
    return environmentText({
      workspace,
      renderUrl: render.url,
      siteUrl: site.url,
      renderKeyFile: places.renderKey,
      storage,
      awsAccessKeyIdFile: places.awsAccessKeyId,
      awsSecretAccessKeyFile: places.awsSecretAccessKey,
      api,
      worker,
      main,
      systemIdentifier,
      login: LOGIN,
    });
  }

  /**
   * Resolves when the world is worth breaking: the application is healthy and has
   * acknowledged rows, the recovery window reaches back some seconds, and WAL is archived.
   */
  async baseline(): Promise<void> {
    const { main, ledger, api } = this.#built();
    const deadline = performance.now() + BASELINE_TIMEOUT_MS;
    for (;;) {
      const age = Date.now() - (main.startsAt?.epochMillis ?? Date.now());
      const trouble = await api.running?.trouble();
      if (
        api.running !== undefined &&
        trouble === undefined &&
        ledger.size >= BASELINE_ROWS &&
        ledger.uploads > 0 &&
        age >= BASELINE_AGE_MS
      ) {
        break;
      }
      if (performance.now() > deadline)
        throw new Error(`the world is not healthy: ${trouble ?? 'the API is not live'}`);
      await delay(50);
    }
    await archiveEverything(main.server, AbortSignal.timeout(BASELINE_TIMEOUT_MS));
  }

  async inject(uses: string, args: ValueMap): Promise<Injection> {
    const { main, workspace, renderApi, render, site, storage } = this.#built();
    return await injectFault(uses, args, {
      databases: new Map([['main', main]]),
      storage,
      workspace,
      renderApi,
      listeners: new Map([
        ['render', render],
        ['app', site],
      ]),
    });
  }

  /** Acknowledged rows against the database that the API service points to. Rejects when that cannot be read. */
  async loss(): Promise<Loss> {
    const { api, ledger } = this.#built();
    const url = api.liveEnvironment.get('DATABASE_URL') ?? '';
    return await withConnection(url, (client) => ledger.compare(client));
  }

  /** Acknowledged uploads against the bucket that the API service points to. */
  lostUploads(): Loss {
    const { api, ledger, storage } = this.#built();
    const bucket = api.liveEnvironment.get('AWS_STORAGE_BUCKET_NAME') ?? '';
    return ledger.compareUploads((key) => storage.digestAt(bucket, key));
  }

  state(): JsonObject {
    const { workspace, ledger, renderApi } = this.#built();
    const services = Array.from(workspace.services.values(), ({ id, name, suspended, running }) => ({
      id,
      name,
      suspended,
      live: running !== undefined,
    }));
    const databases = Array.from(workspace.databases.values(), ({ id, name, status }) => ({
      id,
      name,
      status,
    }));
    return {
      requests: { ...renderApi.counts },
      acknowledged: ledger.size,
      uploads: ledger.uploads,
      services,
      databases,
    };
  }

  /**
   * Ends every part that has been started, newest first. A start that is under way fails at its next
   * step; what that step still started is ended by stopping once more.
   */
  async stop(): Promise<void> {
    this.#stopping = true;
    for (let close = this.#closers.pop(); close !== undefined; close = this.#closers.pop()) await close();
    await this.#parts?.ledger.flush();
  }

  #phase(line: string): void {
    if (this.#stopping) throw new Error('the world was stopped while it started');
    this.#options.report(line);
  }

  #built(): Parts {
    if (this.#parts === undefined) throw new Error('the world is not ready');
    return this.#parts;
  }
}

async function identify(database: Database): Promise<string> {
  return await withConnection(database.server.url('postgres'), async (client) => {
    const { rows } = await client.query<{ id: string }>(
      'select system_identifier::text as id from pg_control_system()',
    );
    return rows[0]?.id ?? '';
  });
}
