import { randomBytes } from 'node:crypto';
import { Instant } from '../../base/instant.ts';
import { isJsonArray } from '../../base/json.ts';
import type { Reply } from '../ground/http.ts';
import { messageOf } from '../ground/text.ts';
import type { Call } from './call.ts';
import { databaseOf, mayResume, member, Refusal } from './call.ts';
import type { Database } from './database.ts';
import { orderedChange, orderedSettings } from './database-settings.ts';
import { connectionDocument, databaseDocument, exportDocument } from './documents.ts';
import { page } from './paging.ts';
import { TARGETABLE_AFTER } from './workspace.ts';

/** What the sandbox does for each operation on databases. */
export const POSTGRES_CALLS: Readonly<Record<string, (call: Call) => Reply | Promise<Reply>>> = {
  'list-postgres': ({ workspace, query }) => ({
    status: 200,
    body: page(
      Array.from(workspace.databases.values(), (database) => databaseDocument(database, workspace)),
      'postgres',
      query,
    ),
  }),
  'retrieve-postgres': (call) => ({ status: 200, body: databaseDocument(databaseOf(call), call.workspace) }),
  'create-postgres': (call) => {
    const body = isJsonArray(call.body) ? {} : call.body;
    const settings = orderedSettings(body, randomBytes(2).toString('hex'));
    const { region } = settings;
    if (call.workspace.outage.isIn(region)) throw new Refusal(503, `nothing can be made in ${region} now`);
    if (body['ownerId'] !== call.workspace.id) throw new Refusal(400, 'ownerId is no workspace of this key');
    const own = call.workspace.postgresVersions;
    const version = own.find((each) => each === body['version']);
    if (version === undefined) throw new Refusal(400, `the sandbox has PostgreSQL ${own.join(' and ')} only`);
    const database = call.workspace.order(settings, version);
    return { status: 201, body: databaseDocument(database, call.workspace) };
  },
  'update-postgres': (call) => {
    const database = databaseOf(call);
    const body = isJsonArray(call.body) ? {} : call.body;
    const change = orderedChange(body);
    if ((change.diskSizeGB ?? Infinity) < database.settings.diskSizeGB) {
      throw new Refusal(400, 'a disk can grow, never shrink');
    }
    database.change(change);
    return { status: 200, body: databaseDocument(database, call.workspace) };
  },
  'list-postgres-export': (call) => ({
    status: 200,
    body: databaseOf(call).exports.all.map((made) => exportDocument(made, call.ownUrl)),
  }),
  'create-postgres-export': async (call) => {
    const database = databaseOf(call);
    if (database.status !== 'available') throw new Refusal(400, `the instance is ${database.status}`);
    if (database.exports.underWay) throw new Refusal(400, 'an export of this instance is in progress');
    await database.exports.begin().catch((error: unknown) => {
      throw new Refusal(503, messageOf(error));
    });
    return { status: 202 };
  },
  'delete-postgres': async (call) => {
    const database = databaseOf(call);
    call.workspace.databases.delete(database.id);
    await database.delete();
    return { status: 204 };
  },
  'retrieve-postgres-connection-info': (call) => {
    const database = databaseOf(call);
    if (database.status !== 'available') throw new Refusal(400, `the instance is ${database.status}`);
    return { status: 200, body: connectionDocument(database) };
  },
  'retrieve-postgres-recovery-info': (call) => {
    const { startsAt } = databaseOf(call);
    if (startsAt === undefined) return { status: 200, body: { recoveryStatus: 'BACKUP_NOT_READY' } };
    return { status: 200, body: { recoveryStatus: 'AVAILABLE', startsAt: startsAt.toString() } };
  },
  'recover-postgres': (call) => {
    const source = databaseOf(call);
    const target = recoveryTarget(source, member(call.body, 'restoreTime') ?? '');
    const name = member(call.body, 'restoreName') ?? `${source.name}-recovered`;
    const database = call.workspace.recover(source, name, target, member(call.body, 'plan'));
    return { status: 200, body: databaseDocument(database, call.workspace) };
  },
  'suspend-postgres': async (call) => {
    const database = databaseOf(call);
    if (database.status === 'available') await database.suspend();
    return { status: 202 };
  },
  'resume-postgres': async (call) => {
    const database = databaseOf(call);
    mayResume(call, database);
    if (database.suspended) await database.resume();
    return { status: 202 };
  },
  'restart-postgres': async (call) => {
    const database = databaseOf(call);
    if (database.suspended) throw new Refusal(400, 'the instance is suspended');
    await database.restart();
    return { status: 202 };
  },
};

/** Render's rules: within the window, and not within the newest minutes. */
function recoveryTarget(source: Database, restoreTime: string): Instant {
  const target = Instant.parse(restoreTime);
  if (target === undefined) throw new Refusal(400, 'restoreTime is not a time');
  if (source.status !== 'available') throw new Refusal(400, `the instance is ${source.status}`);
  if (source.startsAt === undefined) throw new Refusal(400, 'the first backup is not ready');
  if (target.epochMicros < source.startsAt.epochMicros) {
    throw new Refusal(
      400,
      `restoreTime is before the recovery window, which starts at ${source.startsAt.toString()}`,
    );
  }
  const newest = new Instant(Date.now() * 1000 - TARGETABLE_AFTER.micros);
  if (target.epochMicros > newest.epochMicros) {
    throw new Refusal(400, `restoreTime must be at least ${TARGETABLE_AFTER.toString()} ago`);
  }
  return target;
}
