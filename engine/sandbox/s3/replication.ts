import type { BlobStore } from './blobs.ts';
import type { Bucket } from './bucket.ts';
import type { StorageClass } from './storage-classes.ts';
import { readStorageClass } from './storage-classes.ts';
import type { Version } from './versions.ts';
import type { Element } from './xml.ts';
import { childOf, childrenOf, childText, document, element } from './xml.ts';

const ARN = 'arn:aws:s3:::';

interface Rule {
  readonly destination: string;
  readonly storageClass: StorageClass | undefined;
}

/**
 * Copies what is written to a bucket with a replication rule, some time later, as versions of the same id.
 * The removal of a version is never replicated: that is what a replica is for.
 */
export class Replicator {
  /** From the writing of a version until its replica is there. Changes hold for what is written after. */
  delayMs: number;
  readonly #buckets: ReadonlyMap<string, Bucket>;
  readonly #blobs: BlobStore;
  readonly #timers = new Set<NodeJS.Timeout>();
  readonly #underWay = new Set<Promise<void>>();

  constructor(buckets: ReadonlyMap<string, Bucket>, blobs: BlobStore, delayMs: number) {
    this.#buckets = buckets;
    this.#blobs = blobs;
    this.delayMs = delayMs;
  }

  /** Told of every version that is written; those that no rule names are left alone. */
  created(bucket: Bucket, version: Version): void {
    const rule = ruleFor(bucket, version);
    if (rule === undefined) return;
    version.replication = 'PENDING';
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      const done = this.#replicate(bucket, version, rule).catch(() => {
        version.replication = 'FAILED';
      });
      this.#underWay.add(done);
      void done.then(() => this.#underWay.delete(done));
    }, this.delayMs);
    this.#timers.add(timer);
  }

  /** Nothing is replicated any more. */
  async stop(): Promise<void> {
    for (const timer of this.#timers) clearTimeout(timer);
    this.#timers.clear();
    await Promise.all(this.#underWay);
  }

  async #replicate(bucket: Bucket, version: Version, rule: Rule): Promise<void> {
    // Deleted meanwhile, it is lost to the replica.
    if (this.#buckets.get(bucket.name) !== bucket || bucket.version(version.key, version.id) !== version)
      return;
    const destination = this.#buckets.get(rule.destination);
    if (destination?.versioning !== 'Enabled') throw new Error('the destination cannot take replicas');
    if (version.type === 'object') {
      const blob = await this.#blobs.copy(version.blob);
      const storageClass = rule.storageClass ?? version.storageClass;
      destination.add({ ...version, blob, storageClass, replication: 'REPLICA' });
    } else {
      destination.add({ ...version, replication: 'REPLICA' });
    }
    version.replication = 'COMPLETED';
  }
}

/**
 * The setting that lets all of a bucket be replicated to another. Deletions stay where they are made: a replica that
 * followed them would be none when it is needed.
 */
export const replicationTo = (
  bucket: string,
  { account, role, rule }: { readonly account: string; readonly role: string; readonly rule: string },
): Element =>
  document('ReplicationConfiguration', [
    element('Role', `arn:aws:iam::${account}:role/${role}`),
    element('Rule', [
      element('ID', rule),
      element('Status', 'Enabled'),
      element('Priority', 1),
      element('Filter', [element('Prefix', '')]),
      element('DeleteMarkerReplication', [element('Status', 'Disabled')]),
      element('Destination', [element('Bucket', `${ARN}${bucket}`)]),
    ]),
  ]);

/** The bucket that a rule's destination names. */
export const destinationOf = (rule: Element): string => {
  const destination = childOf(rule, 'Destination');
  return (destination === undefined ? '' : (childText(destination, 'Bucket') ?? '')).replace(ARN, '');
};

function ruleFor(bucket: Bucket, version: Version): Rule | undefined {
  const configuration = bucket.settings.get('replication');
  // Only an id of its own can be kept by the replica.
  if (configuration === undefined || bucket.versioning !== 'Enabled') return undefined;
  const rules = childrenOf(configuration, 'Rule')
    .filter((rule) => childText(rule, 'Status') === 'Enabled' && covers(rule, version))
    .sort((left, right) => Number(childText(right, 'Priority')) - Number(childText(left, 'Priority')));
  const rule = rules[0];
  if (rule === undefined) return undefined;
  const storageClass = childOf(rule, 'Destination');
  const name = storageClass === undefined ? undefined : childText(storageClass, 'StorageClass');
  return {
    destination: destinationOf(rule),
    storageClass: name === undefined ? undefined : readStorageClass(name),
  };
}

function covers(rule: Element, version: Version): boolean {
  const filter = childOf(rule, 'Filter');
  if (version.type === 'marker' && filter !== undefined) {
    const markers = childOf(rule, 'DeleteMarkerReplication');
    if (markers === undefined || childText(markers, 'Status') !== 'Enabled') return false;
  }
  const scope = (filter === undefined ? undefined : childOf(filter, 'And')) ?? filter ?? rule;
  if (!version.key.startsWith(childText(scope, 'Prefix') ?? '')) return false;
  const tags = version.type === 'object' ? version.tags : new Map<string, string>();
  return childrenOf(scope, 'Tag').every(
    (tag) => tags.get(childText(tag, 'Key') ?? '') === (childText(tag, 'Value') ?? ''),
  );
}
