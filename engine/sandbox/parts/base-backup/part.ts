import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { JsonObject } from '../../../base/json.ts';
import { listOf } from '../../../base/json.ts';
import { asText, messageOf } from '../../ground/text.ts';
import { withConnection } from '../../postgres/client.ts';
import { Gate } from '../../postgres/gate.ts';
import { PostgresServer } from '../../postgres/server.ts';
import type { Part, PartContext, PartEntry, StartPart } from '../part.ts';
import type { BaseBackup } from './base-backup.ts';
import { demandReadable, findBaseBackup, startOnBaseBackup } from './base-backup.ts';
import { fetchBaseBackup } from './fetch.ts';
import type { CameUp } from './gap.ts';
import { gapInReplay } from './gap.ts';

/** Who asks the copy, beside those that the backup brought along. */
const ROLE = 'drillbook_copy';

/** A database server on a copy of a base backup, which is only read. That it cannot be restored is a state, and no failure. */
class BaseBackupPart implements Part {
  readonly #id: string;
  readonly #database: string;
  readonly #server: PostgresServer;
  readonly #gate: Gate;
  readonly #password = randomBytes(18).toString('base64url');
  #backup: BaseBackup | undefined;
  #systemIdentifier = '';
  /** Why it could not be restored. */
  #failure: string | undefined;

  private constructor(id: string, database: string, server: PostgresServer, gate: Gate) {
    this.#id = id;
    this.#database = database;
    this.#server = server;
    this.#gate = gate;
  }

  static async start(args: JsonObject, context: PartContext): Promise<BaseBackupPart> {
    const server = new PostgresServer(await context.installation(), context.id);
    const gate = await Gate.open({ port: () => server.port, admits: () => true });
    context.onClose(() => gate.close());
    context.onClose(() => server.retire());
    const part = new BaseBackupPart(context.id, asText(args['database']) ?? 'postgres', server, gate);
    try {
      await part.#restore(args, context);
    } catch (error) {
      part.#failure = (await saidFatally(server)) ?? messageOf(error);
      await server.stop();
    }
    return part;
  }

  async #restore(args: JsonObject, context: PartContext): Promise<void> {
    const placeOf = (name: string): string | undefined => {
      const path = asText(args[name]);
      return path === undefined ? undefined : resolve(context.folder, path);
    };
    const wal = placeOf('wal');
    const restore = listOf(args['restore']).map(String);
    const fetched = restore.length > 0 ? await fetchBaseBackup(this.#server, restore) : undefined;
    this.#backup = await findBaseBackup(fetched === undefined ? (placeOf('path') ?? '') : this.#server.data);
    if (wal !== undefined) await demandReadable(this.#server, wal);
    const command = fetched?.restoreCommand;
    const held = await startOnBaseBackup(this.#server, this.#backup, { wal, command });
    const superuser = asText(args['superuser']) ?? 'postgres';
    const socket = `postgresql:///postgres?host=${encodeURIComponent(this.#server.folder)}&port=${String(this.#server.port)}&user=${encodeURIComponent(superuser)}`;
    const cameUp = await withConnection(socket, async (client) => {
      const { rows } = await client.query<CameUp & { readonly id: string }>(
        `select (select system_identifier::text from pg_control_system()) as id,
           (select setting::int from pg_settings where name = 'wal_segment_size') as "segmentBytes",
           checkpoint_lsn::text as checkpoint, timeline_id as timeline from pg_control_checkpoint()`,
      );
      const [said = { id: '', segmentBytes: 0, checkpoint: '0/0', timeline: 1 }] = rows;
      await client.query(`create role ${ROLE} superuser login password '${this.#password}'`);
      return said;
    });
    this.#systemIdentifier = cameUp.id;
    // A base backup that is copied brings the WAL that it needs, and perhaps more that nobody has promised.
    const gap = await gapInReplay(
      this.#server,
      { wal, command, held: fetched === undefined ? undefined : held },
      cameUp,
    );
    if (gap !== undefined) throw new Error(gap);
    await withConnection(this.#url, (client) => client.query('select 1'));
  }

  get #url(): string {
    return `postgresql://${ROLE}:${this.#password}@127.0.0.1:${String(this.#gate.port)}/${encodeURIComponent(this.#database)}`;
  }

  get members(): Part['members'] {
    return { url: { value: this.#url, secret: true }, port: { value: this.#gate.port } };
  }

  get entry(): PartEntry {
    const host = `127.0.0.1:${String(this.#gate.port)}`;
    const database = this.#database;
    return {
      facts: {
        ...{ name: this.#id, database },
        fingerprint: { systemIdentifier: this.#systemIdentifier, host, database },
      },
      secrets: { url: 'url' },
    };
  }

  get actions(): Part['actions'] {
    return {};
  }

  state(): JsonObject {
    const backup = this.#backup;
    return {
      restored: this.#failure === undefined,
      failure: this.#failure ?? null,
      backup:
        backup === undefined
          ? null
          : {
              path: backup.path,
              bytes: backup.bytes,
              takenAt: backup.takenAt.toString(),
              major: backup.major,
              count: backup.count,
            },
    };
  }

  trouble(): Promise<undefined> {
    return Promise.resolve(undefined);
  }
}

/** What PostgreSQL gave up for: its log says much after it. */
async function saidFatally({ folder }: PostgresServer): Promise<string | undefined> {
  const log = await readFile(join(folder, 'server.log'), 'utf8').catch(() => '');
  const said = /\b(?:FATAL|PANIC): +(.*)/.exec(log)?.[1];
  return said === undefined ? undefined : `PostgreSQL does not come up on it: ${said}`;
}

/** Starts a part of the kind `base-backup`. */
export const startBaseBackup: StartPart = (args, context) => BaseBackupPart.start(args, context);
