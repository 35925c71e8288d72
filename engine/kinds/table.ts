// Made from the folders by `npm run generate`: add a kind there and run it again.
import type { StepKind } from '../model/kind.ts';

/** Every step kind by its name. One is loaded when a playbook uses it, and no other: start-up costs nothing for the rest. */
export const STEP_KINDS: Readonly<Record<string, () => Promise<StepKind>>> = {
  ask: async () => (await import('./people/ask.ts')).ask,
  assert: async () => (await import('./basic/assert.ts')).assertion,
  checklist: async () => (await import('./people/checklist.ts')).checklist,
  compare: async () => (await import('./basic/compare.ts')).compare,
  'file.list': async () => (await import('./file/file.list.ts')).fileList,
  'file.read': async () => (await import('./file/file.read.ts')).fileRead,
  'file.write': async () => (await import('./file/file.write.ts')).fileWrite,
  'host.copy': async () => (await import('./host/host.copy.ts')).hostCopy,
  'http.request': async () => (await import('./http/http.request.ts')).httpRequest,
  manual: async () => (await import('./people/manual.ts')).manual,
  notify: async () => (await import('./notify/notify.ts')).notify,
  pay: async () => (await import('./people/pay.ts')).pay,
  'postgres.compare': async () => (await import('./postgres/postgres.compare.ts')).postgresCompare,
  'postgres.copy-rows': async () => (await import('./postgres/postgres.copy-rows.ts')).postgresCopyRows,
  'postgres.dump': async () => (await import('./postgres/postgres.dump.ts')).postgresDump,
  'postgres.restore': async () => (await import('./postgres/postgres.restore.ts')).postgresRestore,
  'postgres.size': async () => (await import('./postgres/postgres.size.ts')).postgresSize,
  'render.allow-ip': async () => (await import('./render/render.allow-ip.ts')).renderAllowIp,
  'render.backups': async () => (await import('./render/render.backups.ts')).renderBackups,
  'render.create-postgres': async () =>
    (await import('./render/render.create-postgres.ts')).renderCreatePostgres,
  'render.delete-postgres': async () =>
    (await import('./render/render.delete-postgres.ts')).renderDeletePostgres,
  'render.deploy': async () => (await import('./render/render.deploy.ts')).renderDeploy,
  'render.download-export': async () =>
    (await import('./render/render.download-export.ts')).renderDownloadExport,
  'render.export-postgres': async () =>
    (await import('./render/render.export-postgres.ts')).renderExportPostgres,
  'render.maintenance': async () => (await import('./render/render.maintenance.ts')).renderMaintenance,
  'render.postgres': async () => (await import('./render/render.postgres.ts')).renderPostgres,
  'render.recover-postgres': async () =>
    (await import('./render/render.recover-postgres.ts')).renderRecoverPostgres,
  'render.resume': async () => (await import('./render/render.resume.ts')).renderResume,
  'render.service': async () => (await import('./render/render.service.ts')).renderService,
  'render.set-env': async () => (await import('./render/render.set-env.ts')).renderSetEnv,
  'render.status': async () => (await import('./render/render.status.ts')).renderStatus,
  'render.suspend': async () => (await import('./render/render.suspend.ts')).renderSuspend,
  's3.compare-keys': async () => (await import('./s3/s3.compare-keys.ts')).s3CompareKeys,
  's3.configure': async () => (await import('./s3/s3.configure.ts')).s3Configure,
  's3.copy-bucket': async () => (await import('./s3/s3.copy-bucket.ts')).s3CopyBucket,
  's3.create-bucket': async () => (await import('./s3/s3.create-bucket.ts')).s3CreateBucket,
  's3.get': async () => (await import('./s3/s3.get.ts')).s3Get,
  's3.inspect': async () => (await import('./s3/s3.inspect.ts')).s3Inspect,
  's3.list': async () => (await import('./s3/s3.list.ts')).s3List,
  's3.list-versions': async () => (await import('./s3/s3.list-versions.ts')).s3ListVersions,
  's3.restore-archived': async () => (await import('./s3/s3.restore-archived.ts')).s3RestoreArchived,
  's3.restore-version': async () => (await import('./s3/s3.restore-version.ts')).s3RestoreVersion,
  's3.sync-down': async () => (await import('./s3/s3.sync-down.ts')).s3SyncDown,
  's3.undelete': async () => (await import('./s3/s3.undelete.ts')).s3Undelete,
  shell: async () => (await import('./shell/shell.ts')).shell,
  'sql.execute': async () => (await import('./postgres/sql.execute.ts')).sqlExecute,
  'sql.query': async () => (await import('./postgres/sql.query.ts')).sqlQuery,
  wait: async () => (await import('./basic/wait.ts')).wait,
};
