import type { Program } from '../ground/program.ts';
import type { Network } from '../ground/silence.ts';
import type { Gate } from '../postgres/gate.ts';
import type { PostgresServer } from '../postgres/server.ts';

/** A database server that a provider keeps from now on. */
export interface KeepableDatabase {
  readonly server: PostgresServer;
  /** The address by which the parts of the world reach it. */
  readonly gate: Gate;
  readonly databaseName: string;
  /** The role that owns the database, and its password. */
  readonly role: string;
  readonly password: string;
  /** The provider's address leads to it as well, from now on, and base backups are taken of it. */
  keepAs(network: Network): void;
}

/** A program of which a provider starts copies from now on, one beside the other, so that one can take over. */
export interface KeepableProgram {
  /** Whether it is a server: it is told of a port of its own. */
  readonly listens: boolean;
  /** As its provider tells it: with `$PORT` where the port stands that each copy has of its own. */
  readonly startCommand: string;
  /** Its environment variables as the world's file says, without those that name its port. */
  readonly variables: Readonly<Record<string, string>>;
  /** The copy that does its work, or would if it ran. */
  readonly copy: ProgramCopy;
  /** It is deployed from now on: nobody else starts or stops it. `by`: the part that does so. */
  keep(by: string): void;
  /** Starts another copy with these variables. Rejects when it does not become ready, and then nothing of it runs. */
  start(variables: ReadonlyMap<string, string>): Promise<ProgramCopy>;
}

/** A program at a port of its own. */
export interface ProgramCopy {
  readonly port: number;
  readonly program: Program;
  /** Why it cannot be used, in words; undefined when it can. */
  trouble(): Promise<string | undefined>;
  /** It does the work from now on, in place of the one before. */
  takeOver(): void;
}
