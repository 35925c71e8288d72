import { stringify } from 'yaml';
import { inFolder } from './ground/folder.ts';
import type { Parts } from './parts.ts';
import { LOGIN } from './peakops/application.ts';
import { databaseEntry, renderSection, serviceEntry } from './render/entries.ts';
import { BACKUP_REGION, REGION } from './render/region.ts';
import { BUCKETS, DUMPS_PREFIX, HOME_REGION } from './peakops/storage.ts';
import { realRetrieval } from './s3/archive.ts';

/** PostgreSQL's own names for the servers; a recovered copy has that of its original. */
export interface SystemIdentifiers {
  readonly main: string;
  readonly staging: string;
}

/** The environment `sandbox`, as a file that drillbook reads like any other. */
export function environmentText(folder: string, parts: Parts, identifiers: SystemIdentifiers): string {
  const { workspace, render, storage, fleet, dns, recordApi, helpDesk, application } = parts;
  const places = inFolder(folder);
  return stringify({
    version: 1,
    name: 'sandbox',
    kind: 'sandbox',
    policy: { typedNames: 'never', allowScripts: true },
    publicUrl: fleet.publicUrl,
    // At Route 53 it is asked as the section aws says.
    dns: dns.section(dns.token === undefined ? {} : { token: { file: places.cloudflareToken } }),
    render: renderSection(workspace, { url: render.url, keyFile: places.renderKey }),
    services: Object.fromEntries(
      Array.from(fleet.all, ([key, service]) => [key, serviceEntry(service, workspace)]),
    ),
    databases: {
      main: databaseEntry(parts.main, identifiers.main),
      staging: databaseEntry(parts.staging, identifiers.staging),
    },
    aws: {
      region: HOME_REGION,
      account: storage.service.account.id,
      endpoint: storage.service.url,
      pathStyle: true,
      credentials: {
        accessKeyId: { file: places.awsAccessKeyId },
        secretAccessKey: { file: places.awsSecretAccessKey },
      },
      archive: { realRetrieval: realRetrieval() },
    },
    buckets: Object.fromEntries(
      Object.entries(BUCKETS).map(([key, bucket]) => [
        key,
        { ...bucket, fingerprint: { ...bucket, account: storage.service.account.id } },
      ]),
    ),
    hosts: {},
    ...application.environment,
    values: {
      retention: { ENTERPRISE: '365 days', COACHING: '7 days' },
      regions: { primary: REGION, backup: BACKUP_REGION },
      dns: { url: recordApi.url, token: { file: places.dnsToken } },
      support: { url: helpDesk.caseUrl },
      dumps: { prefix: DUMPS_PREFIX },
      canary: { table: 'drillbook.canary', prefix: 'drillbook-canary/' },
    },
    isolation: {
      setEnv: { EMAIL_BACKEND: 'django.core.mail.backends.dummy.EmailBackend' },
      mask: [{ ...application.person, keep: [LOGIN.who] }],
    },
    channels: {
      ops: { console: true },
      users: { name: 'Users', console: true },
      warnings: { console: true },
      support: { name: 'Render support', slack: { url: { file: places.supportWebhook } } },
      dns: { name: 'Whoever changes the DNS record', slack: { url: { file: places.dnsWebhook } } },
    },
    contacts: { renderSupport: { email: 'support@render.com' } },
    escalation: [
      { level: 1, who: 'On-call engineer' },
      { level: 2, who: 'Senior engineer, with Render support' },
      { level: 3, who: 'CTO' },
    ],
  });
}
