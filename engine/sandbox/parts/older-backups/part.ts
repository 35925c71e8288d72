import { Duration } from '../../../base/duration.ts';
import type { JsonObject } from '../../../base/json.ts';
import { listOf } from '../../../base/json.ts';
import { asText } from '../../ground/text.ts';
import type { AgedBackup, KeepBackup } from '../../postgres/aged-backups.ts';
import type { Database } from '../../render/database.ts';
import { putDump } from '../../s3/dump.ts';
import type { OlderBackups, Part, PartContext, StartPart } from '../part.ts';

/** Backups of a database from before the world began: dumps in a bucket, and exports at its provider. */
class OlderBackupsPart implements Part {
  readonly members = {};
  readonly actions = {};
  readonly olderBackups: OlderBackups;
  #count: number | undefined;

  private constructor(olderBackups: OlderBackups) {
    this.olderBackups = olderBackups;
    void olderBackups.made.then((count) => (this.#count = count));
  }

  static start(args: JsonObject, context: PartContext): Promise<OlderBackupsPart> {
    const of = asText(args['database']) ?? '';
    const { earlier } = context.part(of);
    if (earlier === undefined) throw new Error(`the part ${of} is no database server`);
    const keepers = [dumpsOf(args, context), exportsOf(args, of, context)];
    const keepEach = async (backup: AgedBackup): Promise<void> => {
      for (const keep of keepers) await keep?.(backup);
    };
    // Made beside the start: nothing of a drill needs them before it is broken.
    const made = earlier.make(keepEach, context.log);
    return Promise.resolve(new OlderBackupsPart({ of, made }));
  }

  state(): JsonObject {
    return { running: this.#count === undefined, ...(this.#count !== undefined && { made: this.#count }) };
  }

  trouble(): Promise<undefined> {
    return Promise.resolve(undefined);
  }

  async settle(): Promise<void> {
    await this.olderBackups.made;
  }
}

/** Where dumps of each age lie. */
function dumpsOf(args: JsonObject, context: PartContext): KeepBackup | undefined {
  const id = asText(args['storage']);
  if (id === undefined) return undefined;
  const [{ storage }, name] = [context.part(id), asText(args['bucket']) ?? ''];
  const bucket = storage?.bucket(name);
  if (storage === undefined || bucket === undefined) throw new Error(`the part ${id} has no bucket ${name}`);
  const prefix = asText(args['prefix']) ?? '';
  return async ({ dump, writtenAt }) =>
    putDump(storage.service.state, bucket.name, { prefix, writtenAt, body: await dump() });
}

/** Of which ages the provider has an export. */
function exportsOf(args: JsonObject, of: string, context: PartContext): KeepBackup | undefined {
  const id = asText(args['provider']);
  if (id === undefined) return undefined;
  const server = context.part(of).keepableDatabase?.server;
  const database: Database | undefined = Array.from(context.part(id).provider?.databases.values() ?? []).find(
    (each) => each.server === server,
  );
  if (database === undefined) throw new Error(`the part ${id} has no database that is the part ${of}`);
  const ages = new Set(listOf(args['exports']).map((age) => Duration.parse(asText(age) ?? '')?.millis));
  return async (backup) => {
    if (ages.has(backup.ageMs)) await database.exports.addAged(backup);
  };
}

/** Starts a part of the kind `older-backups`. */
export const startOlderBackups: StartPart = (args, context) => OlderBackupsPart.start(args, context);
