import { randomBytes } from 'node:crypto';
import { Instant } from '../../../base/instant.ts';
import type { JsonObject } from '../../../base/json.ts';
import { isJsonObject, listOf } from '../../../base/json.ts';
import { Disk } from '../../ground/disk.ts';
import type { Network } from '../../ground/silence.ts';
import { asText, messageOf, textsOf } from '../../ground/text.ts';
import { AgedBackups } from '../../postgres/aged-backups.ts';
import { archiveEverything, takeBaseBackup } from '../../postgres/backup.ts';
import type { BreakableDatabase } from '../../postgres/breakable.ts';
import { withConnection } from '../../postgres/client.ts';
import { Gate } from '../../postgres/gate.ts';
import { systemIdentifierOf } from '../../postgres/identifier.ts';
import { recoverInPlace } from '../../postgres/recovery.ts';
import { PostgresServer } from '../../postgres/server.ts';
import type { Credential } from '../breakable.ts';
import { diskActions } from '../disk.ts';
import type { KeepableDatabase } from '../keepable.ts';
import type { Part, PartContext, PartEntry, StartPart } from '../part.ts';
import { fillByHistory, fillFrom, run } from './fill.ts';

/** How far the recovery window reaches back at least before anything is broken. */
const WINDOW_MS = 2000;
const ARCHIVE_TIMEOUT_MS = 20_000;
/** The database of the part, on a server where nobody else has one, and the role that owns it: what is not named. */
const DATABASE = 'app';

/** What its owner calls it. */
interface Names {
  readonly database: string;
  readonly user: string;
}

/** A database server of its own with one database, reached at an address that stays. */
class PostgresPart implements Part, BreakableDatabase {
  readonly name: string;
  readonly databaseName: string;
  readonly server: PostgresServer;
  readonly earlier: AgedBackups;
  readonly disk: Disk | undefined;
  readonly #role: string;
  readonly #gate: Gate;
  readonly #password = randomBytes(18).toString('base64url');
  /** All ways that lead to it. */
  #network: Network;
  #systemIdentifier = '';
  /** Of it those who name the part do not wait: the world is not broken before it is there. Never rejects. */
  #firstBackup: Promise<void> | undefined;
  #backupFailure: string | undefined;
  #recoveredTo: Instant | undefined;

  private constructor(id: string, names: Names, server: PostgresServer, gate: Gate, disk?: Disk) {
    this.name = id;
    this.databaseName = names.database;
    this.#role = names.user;
    this.server = server;
    this.disk = disk;
    this.#gate = gate;
    this.#network = gate;
    this.earlier = new AgedBackups(server, this.url);
  }

  static async start(args: JsonObject, context: PartContext): Promise<PostgresPart> {
    const version = typeof args['version'] === 'number' ? args['version'] : undefined;
    const server = new PostgresServer(await context.installation(version), context.id);
    // All that the server has lies on it: data, WAL, archive and base backup.
    const size = asText(args['disk']);
    const disk = size === undefined ? undefined : await Disk.make(server.folder, size, context);
    const gate = await Gate.open({ port: () => server.port, admits: () => true });
    context.onClose(() => gate.close());
    context.onClose(() => server.retire());
    const part = new PostgresPart(context.id, namesIn(args), server, gate, disk);
    await part.#build();
    // As the role of the application, so that what is made belongs to it.
    const filled = { url: part.url, major: server.installation.binaries.version };
    const [seed, migrate] = [asText(args['seed']), listOf(args['migrate']).map(String)];
    if (seed !== undefined) await fillFrom(seed, filled, context);
    if (migrate.length > 0) await run(migrate, { ...filled, env: textsOf(args['env']) }, context);
    if (isJsonObject(args['history'])) {
      context.onClose(() => part.earlier.release());
      await fillByHistory(args['history'], part.earlier, filled, context);
    }
    // What it is copied into goes with the world, and is not to be written to any more by then.
    context.onClose(async () => part.#firstBackup);
    if (args['recovery'] === true) part.#beginBackups();
    return part;
  }

  async #build(): Promise<void> {
    await this.server.initialise();
    await this.server.start();
    await withConnection(this.server.url('postgres'), async (client) => {
      const role = client.escapeIdentifier(this.#role);
      await client.query(`create role ${role} login password '${this.#password}'`);
      await client.query(`create database ${client.escapeIdentifier(this.databaseName)} owner ${role}`);
    });
    this.#systemIdentifier = await systemIdentifierOf(this.server);
  }

  get url(): string {
    return `postgresql://${this.#role}:${this.#password}@127.0.0.1:${String(this.#gate.port)}/${this.databaseName}`;
  }

  get members(): Part['members'] {
    return {
      url: { value: this.url, secret: true },
      host: { value: '127.0.0.1' },
      port: { value: this.#gate.port },
      database: { value: this.databaseName },
      user: { value: this.#role },
      password: { value: this.#password, secret: true },
      ...(this.disk !== undefined && { disk: { value: this.disk.path } }),
    };
  }

  get entry(): PartEntry {
    const { databaseName: database } = this;
    const host = `127.0.0.1:${String(this.#gate.port)}`;
    return {
      facts: {
        ...{ name: this.name, database },
        fingerprint: { systemIdentifier: this.#systemIdentifier, host, database },
      },
      secrets: { url: 'url' },
    };
  }

  get database(): BreakableDatabase {
    return this;
  }

  get keepableDatabase(): KeepableDatabase {
    const { server, databaseName } = this;
    return {
      ...{ server, gate: this.#gate, databaseName, role: this.#role, password: this.#password },
      keepAs: (network) => {
        this.#network = network;
        this.#beginBackups();
      },
    };
  }

  get network(): Network {
    return this.#network;
  }

  get credential(): Credential {
    return { server: this.server, role: this.#role, url: this.url };
  }

  get actions(): Part['actions'] {
    return {
      ...diskActions(this.name, this.disk, () => this.state()),
      start: async () => {
        if (!this.server.running) await this.#gate.holding(() => this.server.start());
        return this.state();
      },
      stop: async () => {
        await this.#firstBackup;
        await this.server.stop();
        return this.state();
      },
      restart: async () => {
        await this.#firstBackup;
        await this.#gate.holding(async () => {
          await this.server.stop();
          await this.server.start();
        });
        return this.state();
      },
      // A step that is gone on with asks meanwhile who this is, and is to hear it.
      recover: (body) => this.#gate.holding(() => this.#recover(body)),
      'reset-password': async () => {
        await this.#resetPassword();
        return this.state();
      },
    };
  }

  /** To the one that the environment names. */
  async #resetPassword(): Promise<void> {
    await withConnection(this.server.url('postgres'), (client) =>
      client.query(`alter role ${client.escapeIdentifier(this.#role)} password '${this.#password}'`),
    );
  }

  state(): JsonObject {
    return {
      running: this.server.running,
      version: this.server.installation.binaries.fullVersion,
      ...(this.startsAt !== undefined && { recoverableFrom: this.startsAt.toString() }),
      ...(this.#recoveredTo !== undefined && { recoveredTo: this.#recoveredTo.toString() }),
      ...this.disk?.state,
    };
  }

  async trouble(): Promise<string | undefined> {
    if (!this.server.running) return 'its server does not run';
    const error = await withConnection(this.url, (client) => client.query('select 1')).then(
      () => undefined,
      messageOf,
    );
    if (error !== undefined) return error;
    if (this.#firstBackup !== undefined && this.startsAt === undefined)
      return this.#backupFailure ?? 'its base backup is being taken';
    const isYoung = this.startsAt !== undefined && Date.now() - this.startsAt.epochMillis < WINDOW_MS;
    return isYoung ? 'its base backup has just been taken' : undefined;
  }

  async settle(): Promise<void> {
    if (this.startsAt === undefined) return;
    await archiveEverything(this.server, AbortSignal.timeout(ARCHIVE_TIMEOUT_MS));
  }

  get startsAt(): Instant | undefined {
    return this.server.recoverableFrom;
  }

  async backUp(): Promise<void> {
    await takeBaseBackup(this.server);
  }

  #beginBackups(): void {
    this.#firstBackup ??= this.backUp().catch((error: unknown) => {
      this.#backupFailure = `its base backup could not be taken: ${messageOf(error)}`;
    });
  }

  /**
   * Puts it back to a moment; from then on the window begins anew. Nothing is changed where that cannot be done, nor
   * when it is asked once more for the moment that it was put back to: whoever lost the answer may ask again.
   */
  async #recover(body: JsonObject): Promise<JsonObject> {
    await this.#firstBackup;
    const from = this.startsAt;
    if (from === undefined) {
      throw new Error(
        `the part ${this.name} keeps no base backup: give it recovery: true in the world's file`,
      );
    }
    const to = Instant.parse(asText(body['to']) ?? '');
    if (to === undefined) throw new Error('"to" is the moment to go back to: 2025-11-01T12:00:00Z');
    if (to.epochMicros === this.#recoveredTo?.epochMicros) return this.state();
    if (to.epochMicros < from.epochMicros || to.epochMillis > Date.now()) {
      throw new Error(
        `${this.name} can be put back to moments from ${from.toString()} until now, and not to ${to.toString()}`,
      );
    }
    await recoverInPlace(this.server, to);
    this.#recoveredTo = to;
    await this.backUp();
    return this.state();
  }
}

/** A database that is named belongs to a role of the same name, unless that has one of its own. */
function namesIn(args: JsonObject): Names {
  const database = asText(args['database']) ?? DATABASE;
  return { database, user: asText(args['user']) ?? database };
}

/** Starts a part of the kind `postgres`. */
export const startPostgres: StartPart = (args, context) => PostgresPart.start(args, context);
