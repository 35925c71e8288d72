import { writeFile } from 'node:fs/promises';
import { inFolder } from './ground/folder.ts';
import type { Listener } from './ground/http.ts';
import { listen } from './ground/http.ts';
import { Dns } from './outside/dns.ts';
import { HelpDesk } from './outside/help-desk.ts';
import { RecordApi } from './outside/record-api.ts';
import { Support } from './outside/support.ts';
import type { Application } from './peakops/application.ts';
import type { Fleet } from './peakops/fleet.ts';
import { deploy, openFleet } from './peakops/fleet.ts';
import { WriteLedger } from './peakops/ledger.ts';
import { AgedBackups } from './postgres/aged-backups.ts';
import { install } from './postgres/installation.ts';
import { RenderApi } from './render/api.ts';
import { Contract } from './render/contract.ts';
import type { Database } from './render/database.ts';
import type { Limits } from './render/limits.ts';
import { Workspace } from './render/workspace.ts';
import { databaseSettings } from './peakops/databases.ts';
import { BUCKETS, DUMP_AGES_H, EXPORT_AGE_H, Storage } from './peakops/storage.ts';

const HOUR_MS = 3_600_000;

/** What a world is made of. */
export interface Parts {
  readonly workspace: Workspace;
  readonly application: Application;
  readonly ledger: WriteLedger;
  readonly main: Database;
  /** Empty, and another server than `main`. */
  readonly staging: Database;
  readonly fleet: Fleet;
  readonly support: Support;
  readonly helpDesk: HelpDesk;
  readonly dns: Dns;
  readonly recordApi: RecordApi;
  readonly render: Listener;
  readonly renderApi: RenderApi;
  readonly storage: Storage;
  /** Resolves when the database is as one that has been in use, with how many older backups it has; never rejects. */
  readonly settled: Promise<number>;
}

export interface Assembly {
  readonly folder: string;
  readonly application: Application;
  readonly limits: Partial<Limits>;
  readonly log: (line: string) => void;
  /** Told how far it is; throws to stop it. */
  readonly phase: (line: string) => void;
  /** Told how to end what has been started, as soon as that has been. */
  readonly onClose: (close: () => Promise<void>) => void;
}

/** Puts a world together. When it fails half-way, what was started is for the caller to end. */
export async function assemble(assembly: Assembly): Promise<Parts> {
  const { folder, application, limits, log, phase, onClose } = assembly;
  const places = inFolder(folder);
  const workspace = new Workspace('PeakOps (sandbox)', limits);
  onClose(() => workspace.shutDown());
  const storage = await Storage.start(places.objects, log);
  onClose(() => storage.close());

  const installation = await install(folder, log);
  const { binaries, account } = installation;
  phase(`PostgreSQL ${String(binaries.version)} starts${account === undefined ? '' : ` as ${account.name}`}`);
  const mainMade = workspace.create(installation, databaseSettings('peakops-main'));
  // The second has to be there when the world is ready, but nothing waits for it before.
  const stagingMade = workspace.create(installation, databaseSettings('peakops-staging'));
  stagingMade.catch(() => undefined);
  const main = await mainMade;

  phase('The tables are filled');
  const backups = new AgedBackups(main.server, main.url);
  await application.fill(main.url, DUMP_AGES_H, (hours) => backups.keep(hours * HOUR_MS));
  phase('The base backup is taken');
  await main.backUp();
  const staging = await stagingMade;

  phase('The services start');
  const ledger = new WriteLedger(places.ledger, application.findInspections);
  await storage.ready();
  const fleet = await openFleet({
    ...{ workspace, ledger, application },
    environment: {
      DATABASE_URL: main.url,
      DJANGO_SETTINGS_MODULE: 'peakops.settings',
      ...storage.variables,
    },
    staging: { DATABASE_URL: staging.url, AWS_STORAGE_BUCKET_NAME: BUCKETS.test.name },
  });
  for (const site of fleet.listeners) onClose(() => site.close());
  const support = new Support(workspace.outage);
  const helpDesk = await HelpDesk.open(support);
  onClose(() => helpDesk.close());
  const dns = await Dns.open(fleet.address, {
    ...{ provider: application.dnsProvider, accounts: storage.service.state.accounts, onClose },
  });
  const recordApi = await RecordApi.open(fleet.address);
  onClose(() => recordApi.close());
  const renderApi = new RenderApi(workspace, await Contract.load());
  const render = await listen((request) => renderApi.answer(request));
  onClose(() => render.close());
  await writeSecrets(folder, { workspace, storage, helpDesk, dns, recordApi });
  await deploy(fleet);
  const settled = settle(backups, { main, staging, storage }, log);
  const parts = {
    workspace,
    application,
    ledger,
    main,
    staging,
    fleet,
    support,
    helpDesk,
    dns,
    recordApi,
    render,
    renderApi,
    storage,
  };
  return { ...parts, settled };
}

/** What the world goes on doing once it is ready: nothing that a playbook's first steps need. */
async function settle(
  backups: AgedBackups,
  { main, staging, storage }: Pick<Parts, 'main' | 'staging' | 'storage'>,
  log: (line: string) => void,
): Promise<number> {
  const made = await backups.make(async (backup) => {
    await storage.addDump(await backup.dump(), backup.writtenAt);
    if (backup.ageMs === EXPORT_AGE_H * HOUR_MS) await main.exports.addAged(backup);
  }, log);
  await staging.backUp().catch((error: unknown) => log(`staging has no base backup: ${String(error)}`));
  return made;
}

/** Each in a file of its own, which the environment names. */
async function writeSecrets(
  folder: string,
  parts: Pick<Parts, 'workspace' | 'storage' | 'helpDesk' | 'dns' | 'recordApi'>,
): Promise<void> {
  const places = inFolder(folder);
  const { workspace, storage, helpDesk, dns, recordApi } = parts;
  const { accessKeyId, secretAccessKey } = storage.service.account;
  const secrets: readonly (readonly [file: string, text: string])[] = [
    [places.renderKey, workspace.key],
    [places.awsAccessKeyId, accessKeyId],
    [places.awsSecretAccessKey, secretAccessKey],
    [places.dnsToken, recordApi.token],
    ...(dns.token === undefined ? [] : [[places.cloudflareToken, dns.token] as const]),
    [places.supportWebhook, helpDesk.webhook],
    [places.dnsWebhook, dns.webhook],
  ];
  await Promise.all(secrets.map(([file, text]) => writeFile(file, text, { mode: 0o600 })));
}
