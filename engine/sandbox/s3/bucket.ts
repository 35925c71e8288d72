import type { Account } from './accounts.ts';
import { KeyIndex } from './key-index.ts';
import type { Upload } from './upload.ts';
import type { Version } from './versions.ts';
import { NULL_VERSION } from './versions.ts';
import type { Element } from './xml.ts';

export type Versioning = 'Unversioned' | 'Enabled' | 'Suspended';

/** A bucket: its settings, and all versions of all keys. Bytes are elsewhere (`BlobStore`). */
export class Bucket {
  readonly name: string;
  readonly region: string;
  readonly owner: Account['id'];
  readonly createdAt = new Date();
  versioning: Versioning = 'Unversioned';
  /** Versions are removed only with a token of the owner. */
  mfaDelete = false;
  /** As they were put, by the name of their subresource: `lifecycle`, `replication`. */
  readonly settings = new Map<string, Element>();
  policy: string | undefined;
  readonly uploads = new Map<string, Upload>();
  readonly #index = new KeyIndex();
  /** Newest first. */
  readonly #versions = new Map<string, Version[]>();

  constructor(name: string, region: string, owner: Account['id']) {
    this.name = name;
    this.region = region;
    this.owner = owner;
  }

  get isEmpty(): boolean {
    return this.#versions.size === 0;
  }

  /** Keys in the order of their UTF-8, as listings have them. Keys of which only markers are left, too. */
  get keys(): KeyIndex {
    return this.#index;
  }

  versionsOf(key: string): readonly Version[] {
    return this.#versions.get(key) ?? [];
  }

  /** The newest version, be it a delete marker. */
  current(key: string): Version | undefined {
    return this.#versions.get(key)?.[0];
  }

  version(key: string, id: string): Version | undefined {
    return this.versionsOf(key).find((version) => version.id === id);
  }

  /** Adds a version at its place in time. A null version takes the place of the one before, which is returned. */
  add(version: Version): Version | undefined {
    const replaced = version.id === NULL_VERSION ? this.remove(version.key, NULL_VERSION) : undefined;
    const versions = this.#versions.get(version.key);
    if (versions === undefined) {
      this.#versions.set(version.key, [version]);
      this.#index.add(version.key);
    } else {
      const older = versions.findIndex(({ sequence }) => sequence < version.sequence);
      versions.splice(older < 0 ? versions.length : older, 0, version);
    }
    return replaced;
  }

  remove(key: string, id: string): Version | undefined {
    const versions = this.#versions.get(key) ?? [];
    const index = versions.findIndex((version) => version.id === id);
    if (index < 0) return undefined;
    const [removed] = versions.splice(index, 1);
    if (versions.length === 0) {
      this.#versions.delete(key);
      this.#index.delete(key);
    }
    return removed;
  }
}
