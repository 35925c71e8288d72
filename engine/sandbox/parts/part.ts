import type { Json, JsonObject } from '../../base/json.ts';
import type { Authority } from '../ground/authority.ts';
import type { Links } from '../network/links.ts';
import type { Installation } from '../postgres/installation.ts';
import type { AgedBackups } from '../postgres/aged-backups.ts';
import type { Support } from '../outside/support.ts';
import type { BreakablePart } from './breakable.ts';
import type { KeepableDatabase, KeepableProgram } from './keepable.ts';

/** What a part gives to others under a name. */
export interface PartMember {
  readonly value: Json;
  /** In an environment it is a file that is named, and stands nowhere. */
  readonly secret?: true;
}

/** One acknowledged write, and whether it is held now. */
export interface Acknowledged {
  /** Microseconds since the epoch: by the database's clock, or else when the answer came. */
  readonly at: number;
  readonly kept: boolean;
}

/** What somebody who writes has been told is kept. */
export interface PartLedger {
  readonly of: 'rows' | 'uploads';
  /** The list, held against what is there. Rejects when that cannot be read. */
  compare(): Promise<readonly Acknowledged[]>;
}

/** What can be asked of a part at the desk: `{ "to": … }` in, what came of it out. Rejects in words. */
export type PartAction = (body: JsonObject) => Promise<JsonObject>;

/** A part of a world that has been started. */
export interface Part extends BreakablePart {
  readonly members: Readonly<Record<string, PartMember>>;
  readonly actions: Readonly<Record<string, PartAction>>;
  /** What it is, at the desk and for tests. */
  state(): JsonObject;
  /** Why it is not worth breaking yet, in words; undefined when it is. */
  trouble(): Promise<string | undefined>;
  /** The last thing before the world is broken. */
  settle?(): Promise<void>;
  /** As a whole in an environment; its secrets are members that are named: `{ member: 'url' }`. */
  readonly entry?: PartEntry;
  /** What a provider takes over that it is told to. */
  readonly keepableDatabase?: KeepableDatabase;
  readonly keepableProgram?: KeepableProgram;
  /** The programs that it deploys, by the names of its services. */
  readonly programs?: ReadonlyMap<string, KeepableProgram>;
  /** The program that whoever comes this way reaches now; undefined where nobody knows which it is. */
  leadsTo?(): KeepableProgram | undefined;
  /** Whom its users can ask for help. */
  readonly support?: Support;
  /** What the database held before the world began, for whoever makes backups of it. */
  readonly earlier?: AgedBackups;
  /** Backups of a database from before the world began. */
  readonly olderBackups?: OlderBackups;
  /** Its own list of what was acknowledged, where it writes. */
  readonly ledger?: PartLedger;
}

export interface OlderBackups {
  /** The part that is the database. */
  readonly of: string;
  /** How many there are, once they have been made. Never rejects. */
  readonly made: Promise<number>;
}

/** What stands in an environment for a part. */
export interface PartEntry {
  readonly facts: JsonObject;
  /** Members of the entry that are secrets, by the names of the members of the part that hold them. */
  readonly secrets: Readonly<Record<string, string>>;
}

/** What a part is started with, beside its `with`. */
export interface PartContext {
  readonly id: string;
  /** What it names by a path is relative to this folder. */
  readonly folder: string;
  /** The folder of the world, in which it may keep things. */
  readonly worldFolder: string;
  /** For what goes on beside the start: a line in the world's log. */
  readonly log: (line: string) => void;
  /** A port of its own. */
  readonly port: number;
  /** Whether its `with` names that port: then it is to listen there. */
  readonly namesPort: boolean;
  /** What it is started with, if its port were this one. */
  readonly argsAt: (port: number) => JsonObject;
  /** Who vouches for the servers of the world; made for the first. */
  readonly authority: () => Promise<Authority>;
  /** Its ways to the parts whose addresses it names. None where it cannot be cut off from them. */
  readonly links: Links;
  /** What the database servers of the world share that are of one version, or of whatever there is; made for the first. */
  readonly installation: (version?: number) => Promise<Installation>;
  /** A part that this one names, which runs. */
  readonly part: (id: string) => Part;
  /** Told how to end what has been started, as soon as that has been. */
  readonly onClose: (close: () => Promise<void>) => void;
}

/** A kind of part. `args` have been held against its schema; names in them are what they stand for. */
export type StartPart = (args: JsonObject, context: PartContext) => Promise<Part>;
