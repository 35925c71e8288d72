import type { Listener } from '../ground/http.ts';
import { listen } from '../ground/http.ts';
import { PublicName } from '../outside/public-name.ts';
import { customDomain } from '../render/custom-domain.ts';
import { BACKUP_REGION } from '../render/region.ts';
import { Service } from '../render/service.ts';
import type { Workspace } from '../render/workspace.ts';
import type { ApiCopy, Application } from './application.ts';
import type { WriteLedger } from './ledger.ts';
import { answerFor, publish } from './site.ts';

const PUBLIC_NAME = 'app.peakops.test';

export interface FleetOptions {
  readonly workspace: Workspace;
  readonly ledger: WriteLedger;
  readonly application: Application;
  /** Variables of the services in use, and what is different at the staging service. */
  readonly environment: Readonly<Record<string, string>>;
  readonly staging: Readonly<Record<string, string>>;
}

/** The services of PeakOps, by their names in the environment. */
export interface Services {
  readonly api: Service<ApiCopy>;
  readonly worker: Service;
  /** In the backup region, suspended, and without a database. */
  readonly apiStandby: Service<ApiCopy>;
  readonly workerStandby: Service;
  /** For trying things out: suspended, and its database is empty. */
  readonly apiStaging: Service<ApiCopy>;
}

export interface Fleet {
  readonly services: Services;
  /** The same, by their names in the environment. */
  readonly all: ReadonlyMap<string, Service>;
  /** The name that users of PeakOps know: it leads to `api`, or to its standby. */
  readonly address: PublicName<Service<ApiCopy>>;
  /** Where it is looked up and followed, as a browser does. */
  readonly publicUrl: string;
  readonly listeners: readonly Listener[];
}

/** Makes the services and gives them their addresses; nothing is deployed yet. */
export async function openFleet(options: FleetOptions): Promise<Fleet> {
  const { workspace, ledger, application, environment, staging } = options;
  const elsewhere = { region: BACKUP_REGION, suspended: true };
  const standby = { ...environment, DATABASE_URL: '' };
  const newApi = (name: string, options: Where, variables = environment): Service<ApiCopy> => {
    const service: Service<ApiCopy> = new Service({
      ...{ name, type: 'web_service', environment: variables, ...options },
      startCommand: 'gunicorn peakops.wsgi',
      start: (given) => application.startApi(given, { ledger, hasCustomers: () => address.site === service }),
    });
    return service;
  };
  const newWorker = (name: string, options: Where, variables = environment): Service =>
    new Service({
      ...{ name, type: 'background_worker', environment: variables, ...options },
      startCommand: 'celery -A peakops worker',
      start: (given) => application.startWorker(given, name),
    });
  const api = newApi('peakops-api', {});
  const worker = newWorker('peakops-worker', {});
  const apiStandby = newApi('peakops-api-standby', elsewhere, standby);
  const workerStandby = newWorker('peakops-worker-standby', elsewhere, standby);
  const apiStaging = newApi('peakops-api-staging', { suspended: true }, { ...environment, ...staging });
  const services = { api, worker, apiStandby, workerStandby, apiStaging };
  const all = new Map<string, Service>(Object.entries(services));
  const address = new PublicName(PUBLIC_NAME, [api, apiStandby]);
  for (const service of all.values()) workspace.addService(service);
  api.domains.set(address.name, customDomain(address.name, true));
  workspace.leads.set(address.name, () => address.site.url);
  const sites = await Promise.all([api, apiStandby, apiStaging].map(publish));
  const front = await listen((request) => answerFor(address.site, request));
  return { services, all, address, publicUrl: front.url, listeners: [...sites, front] };
}

/** Brings those in use to life; rejects when they do not come. */
export async function deploy({ all }: Fleet): Promise<void> {
  const inUse = [...all.values()].filter(({ suspended }) => !suspended);
  for (const service of inUse) service.deploy('deployed_by_render', true);
  await Promise.all(inUse.map((service) => service.whenDone()));
  for (const { name, running, failure } of inUse)
    if (running === undefined) throw new Error(`${name} did not start: ${failure ?? 'it was suspended'}`);
}

interface Where {
  readonly region?: string;
  readonly suspended?: boolean;
}
