import type { Disk } from '../ground/disk.ts';
import type { Program } from '../ground/program.ts';
import type { Links } from '../network/links.ts';
import type { Network } from '../ground/silence.ts';
import type { BreakableDatabase } from '../postgres/breakable.ts';
import type { PostgresServer } from '../postgres/server.ts';
import type { RedisServer } from '../redis/server.ts';
import type { BreakableProvider } from '../render/breakable.ts';
import type { BreakableStorage } from '../s3/breakable.ts';
import type { S3Service } from '../s3/service.ts';

/** What faults get at of a part: each as far as it has it. */
export interface BreakablePart {
  readonly database?: BreakableDatabase;
  readonly redis?: RedisServer;
  readonly storage?: BreakableStorage;
  readonly provider?: BreakableProvider;
  /** A program of this machine. */
  readonly program?: Program;
  /** Several of them, by name: the units of a host. */
  readonly units?: ReadonlyMap<string, Program>;
  readonly credential?: Credential;
  /** Its own, which can be set. */
  readonly clock?: BreakableClock | undefined;
  /** Its own, which can be full. */
  readonly disk?: Disk | undefined;
  /** What it shows to those who come by TLS. */
  readonly certificate?: BreakableCertificate;
  /** Its ways to other parts. */
  readonly links?: Links;
  /** What falls silent where nobody reaches it any more. */
  readonly network?: Network | undefined;
}

/** What an application is let in with. */
export type Credential = RoleCredential | KeyCredential;

/** What it logs in to a database with. */
export interface RoleCredential {
  readonly server: PostgresServer;
  readonly role: string;
  /** With the password that the environment names. */
  readonly url: string;
}

/** The certificate that a server shows. */
export interface BreakableCertificate {
  /** From now on it is one that ran out at that moment. */
  expire(at: Date): Promise<void>;
}

/** The key of the account that owns buckets. */
export interface KeyCredential {
  readonly service: S3Service;
}

/** The clock of a program. */
export interface BreakableClock {
  /** So much is it ahead from now on; a negative number: behind. */
  set(offsetMs: number): Promise<void>;
}
