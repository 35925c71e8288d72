import type { ValueMap } from '../base/value.ts';
import { isValueMap } from '../base/value.ts';
import type { SourceFile } from '../source/file.ts';
import type { Effect } from './playbook.ts';

export type EnvironmentKind = 'production' | 'staging' | 'sandbox';

export interface Environment {
  readonly name: string;
  readonly kind: EnvironmentKind;
  /**
   * What expressions see as `env`: the file as it is, with two things added. Each
   * entry of `services`, `databases`, `buckets`, `hosts` and `redis` carries `$target`, its own
   * path (`databases.main`); each secret is a handle (model/handle.ts). Below `sources` stands what
   * may be read of other environments, as it stands there (`sources.production.databases.main`).
   */
  readonly data: ValueMap;
  /** The other environments that it reads from, by name; none when absent. */
  readonly sources?: Readonly<Record<string, Environment>>;
  readonly policy: Policy;
  readonly file: SourceFile;
}

export interface Policy {
  /** The effect from which on a gate demands a typed name. */
  readonly typedNames: 'never' | 'destructive' | 'write';
  /** Step kinds that can do anything may write in a drill outside the sandbox. */
  readonly allowScripts: boolean;
  /** Kinds of a user's own whose word on what they do counts: the SHA-256 of their files, by name. */
  readonly kinds?: Readonly<Record<string, string>>;
}

/** Places in the environment that are things of the world, and so have an identity. */
export const TARGET_GROUPS = ['services', 'databases', 'buckets', 'hosts', 'redis'] as const;

export type TargetGroup = (typeof TARGET_GROUPS)[number];

/** A thing of the world as a step gets it: an entry of the environment, or a handle with `created: <step key>`. */
export type Target = ValueMap;

/** The name of the other environment that a target stands in, for one that may only be read. */
export function sourceOf(target: Target): string | undefined {
  const path = target['$target'];
  return typeof path === 'string' ? sourceOfPath(path) : undefined;
}

/** The same of its path: `production` of `sources.production.databases.main`. */
export const sourceOfPath = (path: string): string | undefined => /^sources\.([^.]+)\./.exec(path)?.[1];

/** The environment that says where a target is asked and as whom: its own, for one of a source. */
export function homeOf(target: Target, environment: Environment): Environment {
  const name = sourceOf(target);
  return (name === undefined ? undefined : environment.sources?.[name]) ?? environment;
}

/** What a step is about to touch, and what for. */
export interface TargetUse {
  readonly group: TargetGroup;
  /** `databases.main`; absent for a thing that this run created. */
  readonly path?: string;
  readonly target: Target;
  readonly effect: Effect;
  /**
   * Who vouches for it. `provider`: its API, asked by id. `connection` (what counts when absent): the
   * thing itself, as it answers where the environment says it is reached.
   */
  readonly by?: 'provider' | 'connection';
}

/**
 * What a target says of itself when asked now, held against the fingerprint of the
 * environment. `absent`: there is no fingerprint to hold it against.
 */
export interface Identity {
  readonly verdict: 'match' | 'mismatch' | 'unreachable' | 'absent';
  /** For the gate: name, region, last write, whatever tells a person that it is the right one. */
  readonly facts: Readonly<Record<string, string>>;
  /** What would stand in the environment if this is the right one. */
  readonly fingerprint?: Readonly<Record<string, string>>;
  /** Why, for a person, when it is no match: what was expected and what was found. */
  readonly reason?: string;
}

/**
 * What a database's fingerprint lacks to tell it from the other databases of its server and from a physical copy.
 * Without a `url` the address is asked of Render by its id, which then says as much.
 */
export function missingInFingerprint(database: ValueMap): readonly string[] {
  const print = database['fingerprint'];
  if (!isValueMap(print)) return [];
  const byId = database['url'] === undefined && print['renderId'] !== undefined;
  return byId ? [] : ['host', 'database'].filter((name) => print[name] === undefined);
}
