import type { StartPart } from './parts/part.ts';

/** The one table of the kinds of parts. Each has a folder in `parts/` and a schema of its name in `schemas/parts/`. */
const KINDS: Readonly<Record<string, () => Promise<StartPart>>> = {
  'base-backup': async () => (await import('./parts/base-backup/part.ts')).startBaseBackup,
  dns: async () => (await import('./parts/dns/part.ts')).startDns,
  folder: async () => (await import('./parts/folder/part.ts')).startFolder,
  http: async () => (await import('./parts/http/part.ts')).startHttp,
  'older-backups': async () => (await import('./parts/older-backups/part.ts')).startOlderBackups,
  postgres: async () => (await import('./parts/postgres/part.ts')).startPostgres,
  process: async () => (await import('./parts/process/part.ts')).startProcess,
  redis: async () => (await import('./parts/redis/part.ts')).startRedis,
  render: async () => (await import('./parts/render/part.ts')).startRender,
  s3: async () => (await import('./parts/s3/part.ts')).startS3,
  smtp: async () => (await import('./parts/smtp/part.ts')).startSmtp,
  'ssh-host': async () => (await import('./parts/ssh-host/part.ts')).startSshHost,
  support: async () => (await import('./parts/support/part.ts')).startSupport,
  tls: async () => (await import('./parts/tls/part.ts')).startTls,
  writer: async () => (await import('./parts/writer/part.ts')).startWriter,
};

/** The kinds of parts, as the file of a world uses them. */
export const PART_KINDS: readonly string[] = Object.keys(KINDS);

/** Throws for a kind that there is not. */
export async function startOf(kind: string): Promise<StartPart> {
  const load = KINDS[kind];
  if (load === undefined)
    throw new Error(`there is no part of the kind ${kind}: there are ${PART_KINDS.join(', ')}`);
  return await load();
}
