import { readFile } from 'node:fs/promises';
import { Duration } from '../base/duration.ts';
import { Instant } from '../base/instant.ts';
import type { ValueMap } from '../base/value.ts';
import { decodeValue, encodeValue, isValueMap } from '../base/value.ts';
import type {
  Fault,
  FaultBuckets,
  FaultDatabases,
  FaultNetworks,
  FaultPart,
  FaultWorld,
  Injection,
} from './faults/fault.ts';
import type { BreakableProvider } from './render/breakable.ts';
import { beginWindowAnew, expectBackups } from './faults/window.ts';

/** Those that break a database, in whatever world it is. */
const OF_DATABASES: Readonly<Record<string, () => Promise<Fault<FaultDatabases>>>> = {
  'postgres.corrupt-pages': async () => (await import('./faults/corrupt-pages.ts')).corruptPages,
  'postgres.delete-rows': async () => (await import('./faults/delete-rows.ts')).deleteRows,
  'postgres.drop-table': async () => (await import('./faults/drop-table.ts')).dropTable,
};

/** Those that break buckets, in whatever world they are. */
const OF_BUCKETS: Readonly<Record<string, () => Promise<Fault<FaultBuckets>>>> = {
  's3.delete-objects': async () => (await import('./faults/delete-objects.ts')).deleteObjects,
  's3.overwrite-objects': async () => (await import('./faults/overwrite-objects.ts')).overwriteObjects,
  's3.archive-objects': async () => (await import('./faults/archive-objects.ts')).archiveObjects,
  's3.delete-bucket': async () => (await import('./faults/delete-bucket.ts')).deleteBucket,
  's3.reset-settings': async () => (await import('./faults/reset-settings.ts')).resetSettings,
};

/** Those that break the provider, in whatever world it is. */
const OF_PROVIDERS: Readonly<Record<string, () => Promise<Fault<BreakableProvider>>>> = {
  'render.fail': async () => (await import('./faults/render-fail.ts')).renderFail,
  'render.outage': async () => (await import('./faults/render-outage.ts')).renderOutage,
};

/** Those that let fall silent what is reached over the network, in whatever world. */
const OF_NETWORKS: Readonly<Record<string, () => Promise<Fault<FaultNetworks>>>> = {
  'network.hang': async () => (await import('./faults/network-hang.ts')).networkHang,
};

/** Those that break one part of a world that a file describes. */
const OF_PARTS: Readonly<Record<string, () => Promise<Fault<FaultPart>>>> = {
  'certificate.expired': async () => (await import('./faults/certificate-expired.ts')).certificateExpired,
  'clock.skew': async () => (await import('./faults/clock-skew.ts')).clockSkew,
  'credential.revoked': async () => (await import('./faults/credential-revoked.ts')).credentialRevoked,
  'disk.full': async () => (await import('./faults/disk-full.ts')).diskFull,
  'network.partition': async () => (await import('./faults/network-partition.ts')).networkPartition,
  'network.slow': async () => (await import('./faults/network-slow.ts')).networkSlow,
  'process.deploy-bad': async () => (await import('./faults/process-deploy-bad.ts')).processDeployBad,
  'process.hang': async () => (await import('./faults/process-hang.ts')).processHang,
  'process.kill': async () => (await import('./faults/process-kill.ts')).processKill,
  'queue.flooded': async () => (await import('./faults/queue-flooded.ts')).queueFlooded,
};

/** Those that break a world without parts by name. With those of parts these are all fault kinds: each has a file in `faults/` and one in `schemas/faults/` of its name. */
const FAULTS: Readonly<Record<string, () => Promise<Fault>>> = {
  ...OF_DATABASES,
  ...OF_BUCKETS,
  ...OF_PROVIDERS,
  ...OF_NETWORKS,
};

/** The names of the fault kinds, as `rehearsals` in a playbook uses them. */
export const FAULT_KINDS: readonly string[] = [...Object.keys(FAULTS), ...Object.keys(OF_PARTS)];

/** Whether only a world of a file can be broken so. */
export const needsPart = (uses: string): boolean => Object.hasOwn(OF_PARTS, uses);

/** Breaks the world. Rejects, with nothing broken, for an unknown kind and arguments that its schema refuses. */
export async function injectFault(uses: string, args: ValueMap, world: FaultWorld): Promise<Injection> {
  const load = FAULTS[uses];
  if (load === undefined) throw new Error(`unknown fault ${uses}: there are ${FAULT_KINDS.join(', ')}`);
  const checked = await withDefaults(uses, args);
  const isOutside = checked['outsideWindow'] === true;
  if (isOutside) expectBackups(world.olderBackups, uses);
  const injection = await (await load()).inject(checked, world);
  return isOutside ? await beginWindowAnew(uses, checked, world, injection) : injection;
}

interface BrokenPart extends FaultPart {
  /** What a fault of databases calls it. */
  readonly name: string;
  /** How many backups there are of it from before the world began. */
  readonly olderBackups: number;
}

/** Breaks a part of a world that a file describes. Rejects as `injectFault` does. */
export async function breakPart(
  uses: string,
  args: ValueMap,
  { name, olderBackups, ...broken }: BrokenPart,
): Promise<Injection> {
  const checked = await withDefaults(uses, args);
  const isOutside = checked['outsideWindow'] === true;
  if (isOutside) expectBackups(olderBackups, uses);
  const [ofDatabases, ofBuckets, ofParts] = [OF_DATABASES[uses], OF_BUCKETS[uses], OF_PARTS[uses]];
  const [ofProviders, ofNetworks] = [OF_PROVIDERS[uses], OF_NETWORKS[uses]];
  const { database, storage, provider, network } = broken.part;
  if (ofDatabases !== undefined && database !== undefined) {
    const world = { databases: new Map([[name, database]]) };
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
  if (ofNetworks !== undefined && network !== undefined) {
    if (checked['of'] !== undefined) throw new Error(`${uses}: say the part, and leave of out`);
    const networks = new Map([[broken.id, [network]]]);
    return await (await ofNetworks()).inject({ ...checked, of: [broken.id] }, { networks });
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
