import { readFile } from 'node:fs/promises';
import { Duration } from '../base/duration.ts';
import { Instant } from '../base/instant.ts';
import type { ValueMap } from '../base/value.ts';
import { decodeValue, encodeValue, isValueMap } from '../base/value.ts';
import type { Fault, FaultBuckets, FaultDatabases, FaultPart, Injection } from './faults/fault.ts';
import type { BreakableProvider } from './render/breakable.ts';
import { beginWindowAnew, expectBackups } from './faults/window.ts';

/** Those that break a database. */
const OF_DATABASES: Readonly<Record<string, () => Promise<Fault<FaultDatabases>>>> = {
  'postgres.corrupt-pages': async () => (await import('./faults/corrupt-pages.ts')).corruptPages,
  'postgres.delete-rows': async () => (await import('./faults/delete-rows.ts')).deleteRows,
  'postgres.drop-table': async () => (await import('./faults/drop-table.ts')).dropTable,
};

/** Those that break buckets. */
const OF_BUCKETS: Readonly<Record<string, () => Promise<Fault<FaultBuckets>>>> = {
  's3.delete-objects': async () => (await import('./faults/delete-objects.ts')).deleteObjects,
  's3.overwrite-objects': async () => (await import('./faults/overwrite-objects.ts')).overwriteObjects,
  's3.archive-objects': async () => (await import('./faults/archive-objects.ts')).archiveObjects,
  's3.delete-bucket': async () => (await import('./faults/delete-bucket.ts')).deleteBucket,
  's3.reset-settings': async () => (await import('./faults/reset-settings.ts')).resetSettings,
};

/** Those that break a provider. */
const OF_PROVIDERS: Readonly<Record<string, () => Promise<Fault<BreakableProvider>>>> = {
  'render.fail': async () => (await import('./faults/render-fail.ts')).renderFail,
  'render.outage': async () => (await import('./faults/render-outage.ts')).renderOutage,
};

/** Those that break what a part has for itself. */
const OF_PARTS: Readonly<Record<string, () => Promise<Fault<FaultPart>>>> = {
  'certificate.expired': async () => (await import('./faults/certificate-expired.ts')).certificateExpired,
  'clock.skew': async () => (await import('./faults/clock-skew.ts')).clockSkew,
  'credential.revoked': async () => (await import('./faults/credential-revoked.ts')).credentialRevoked,
  'disk.full': async () => (await import('./faults/disk-full.ts')).diskFull,
  'network.hang': async () => (await import('./faults/network-hang.ts')).networkHang,
  'network.partition': async () => (await import('./faults/network-partition.ts')).networkPartition,
  'network.slow': async () => (await import('./faults/network-slow.ts')).networkSlow,
  'process.deploy-bad': async () => (await import('./faults/process-deploy-bad.ts')).processDeployBad,
  'process.hang': async () => (await import('./faults/process-hang.ts')).processHang,
  'process.kill': async () => (await import('./faults/process-kill.ts')).processKill,
  'queue.flooded': async () => (await import('./faults/queue-flooded.ts')).queueFlooded,
};

/** The names of the fault kinds, as `rehearsals` in a playbook uses them: each has a file in `faults/` and one in `schemas/faults/` of its name. */
export const FAULT_KINDS: readonly string[] = [OF_DATABASES, OF_BUCKETS, OF_PROVIDERS, OF_PARTS].flatMap(
  Object.keys,
);

interface BrokenPart extends FaultPart {
  /** What a fault of databases calls it. */
  readonly name: string;
  /** How many backups there are of it from before the world began. */
  readonly olderBackups: number;
}

/** Breaks a part of a world. Rejects, with nothing broken, for an unknown kind and arguments that its schema refuses. */
export async function breakPart(
  uses: string,
  args: ValueMap,
  { name, olderBackups, ...broken }: BrokenPart,
): Promise<Injection> {
  const checked = await withDefaults(uses, args);
  const isOutside = checked['outsideWindow'] === true;
  if (isOutside) expectBackups(olderBackups, uses);
  const [ofDatabases, ofBuckets, ofParts] = [OF_DATABASES[uses], OF_BUCKETS[uses], OF_PARTS[uses]];
  const ofProviders = OF_PROVIDERS[uses];
  const { database, storage, provider } = broken.part;
  if (ofDatabases !== undefined && database !== undefined) {
    const world = { databases: new Map([[name, database]]), called: broken.call(broken.id) };
    const of = { ...checked, database: name };
    const injection = await (await ofDatabases()).inject(of, world);
    return isOutside ? await beginWindowAnew(uses, of, world, injection) : injection;
  }
  if (ofBuckets !== undefined && storage !== undefined) {
    return await (await ofBuckets()).inject(checked, { storage });
  }
  if (ofProviders !== undefined && provider !== undefined) {
    return await (await ofProviders()).inject(checked, provider);
  }
  if (ofParts === undefined) throw new Error(`${uses}: the part ${broken.id} cannot be broken so`);
  return await (await ofParts()).inject(checked, broken);
}

async function withDefaults(uses: string, args: ValueMap): Promise<ValueMap> {
  const { Ajv2020 } = await import('ajv/dist/2020.js');
  const file = new URL(`../../schemas/faults/${uses}.schema.json`, import.meta.url);
  const schema = JSON.parse(await readFile(file, 'utf8')) as {
    readonly properties: { readonly with: object };
  };
  const validate = new Ajv2020({ strict: false, allErrors: true, useDefaults: true }).compile(
    schema.properties.with,
  );
  const json = encodeValue(textual(args));
  if (!validate(json)) {
    const problems = (validate.errors ?? []).map(
      ({ instancePath, message }) => `with${instancePath} ${message ?? ''}`,
    );
    throw new Error(`${uses}: ${problems.join('; ')}`);
  }
  const filled = decodeValue(json);
  return isValueMap(filled) ? filled : {};
}

/** Schemas describe lengths of time and moments as texts; an expression gives them as what they are. */
function textual(args: ValueMap): ValueMap {
  return Object.fromEntries(
    Object.entries(args).map(([name, value]) => [
      name,
      value instanceof Duration || value instanceof Instant ? value.toString() : value,
    ]),
  );
}
