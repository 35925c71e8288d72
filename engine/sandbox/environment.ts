import { stringify } from 'yaml';
import type { Database } from './render/database.ts';
import type { Service } from './render/service.ts';
import type { Workspace } from './render/workspace.ts';
import { REGION } from './render/region.ts';
import { BUCKETS, HOME_REGION, REAL_RETRIEVAL } from './s3/storage.ts';
import type { Storage } from './s3/storage.ts';
import { REAL_TARGETABLE_AFTER, TARGETABLE_AFTER } from './render/workspace.ts';

/** What of a world is named in its environment. */
export interface Named {
  readonly workspace: Workspace;
  /** `http://127.0.0.1:<port>` of the Render service. */
  readonly renderUrl: string;
  readonly siteUrl: string;
  readonly renderKeyFile: string;
  readonly api: Service;
  readonly worker: Service;
  readonly main: Database;
  /** PostgreSQL's own name for the cluster; a recovered copy has the same. */
  readonly systemIdentifier: string;
  readonly storage: Storage;
  readonly awsAccessKeyIdFile: string;
  readonly awsSecretAccessKeyFile: string;
  readonly login: { readonly email: string; readonly password: string };
}

/** The environment `sandbox`, as a file that drillbook reads like any other. */
export function environmentText(named: Named): string {
  const { workspace, main } = named;
  return stringify({
    version: 1,
    name: 'sandbox',
    kind: 'sandbox',
    policy: { typedNames: 'never', allowScripts: true },
    publicUrl: named.siteUrl,
    render: {
      api: `${named.renderUrl}/v1`,
      key: { file: named.renderKeyFile },
      workspace: workspace.id,
      statusPage: `${named.renderUrl}/status`,
      recovery: {
        targetableAfter: TARGETABLE_AFTER.toString(),
        realTargetableAfter: REAL_TARGETABLE_AFTER.toString(),
      },
    },
    services: {
      api: serviceEntry(named.api, workspace, named.siteUrl),
      worker: serviceEntry(named.worker, workspace),
    },
    databases: {
      main: {
        name: main.name,
        renderId: main.id,
        database: main.databaseName,
        region: REGION,
        fingerprint: { systemIdentifier: named.systemIdentifier, renderId: main.id },
      },
    },
    aws: {
      region: HOME_REGION,
      account: named.storage.service.account.id,
      endpoint: named.storage.service.url,
      pathStyle: true,
      credentials: {
        accessKeyId: { file: named.awsAccessKeyIdFile },
        secretAccessKey: { file: named.awsSecretAccessKeyFile },
      },
      archive: { realRetrieval: REAL_RETRIEVAL.toString() },
    },
    buckets: Object.fromEntries(
      Object.entries(BUCKETS).map(([key, bucket]) => [
        key,
        { ...bucket, fingerprint: { ...bucket, account: named.storage.service.account.id } },
      ]),
    ),
    hosts: {},
    values: { login: named.login },
    channels: { ops: { console: true } },
    contacts: { renderSupport: { email: 'support@render.com' } },
    escalation: [
      { level: 1, who: 'On-call engineer' },
      { level: 2, who: 'Senior engineer, with Render support' },
      { level: 3, who: 'CTO' },
    ],
  });
}

function serviceEntry(service: Service, workspace: Workspace, url?: string): object {
  return {
    name: service.name,
    renderId: service.id,
    ...(url === undefined ? {} : { url }),
    region: REGION,
    fingerprint: { renderId: service.id, workspace: workspace.id },
  };
}
