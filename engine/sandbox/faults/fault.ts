import type { ValueMap } from '../../base/value.ts';
import type { BreakablePart } from '../parts/breakable.ts';
import type { BreakableDatabase } from '../postgres/breakable.ts';
import type { BreakableStorage } from '../s3/breakable.ts';

/** What a fault of databases may break. */
export interface FaultDatabases {
  /** By their names in the environment, or in the file of the world: `main`. */
  readonly databases: ReadonlyMap<string, BreakableDatabase>;
  /** How playbooks call the one that is broken: `databases.main`. */
  readonly called: string;
}

/** What a fault of buckets may break. */
export interface FaultBuckets {
  readonly storage: BreakableStorage;
}

/** The part that a fault of parts is to break. */
export interface FaultPart {
  readonly id: string;
  readonly part: BreakablePart;
  /** How playbooks call a part of the world, this one or another: `services.app`; its id where they do not know it. */
  readonly call: (part: string) => string;
}

/** What a fault did. */
export interface Injection {
  /** One sentence for the screen and the report. */
  readonly description: string;
  /** Read as `fault` in expressions. `at` is the moment of the failure, by the clock of what was broken. */
  readonly output: ValueMap;
}

/** One way to break the world. Really: a fault never makes a part pretend. */
export interface Fault<World> {
  /** `args` has been validated against the fault's schema, its defaults filled in. */
  inject(args: ValueMap, world: World): Promise<Injection>;
}
