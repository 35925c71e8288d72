import type { JsonObject } from '../../base/json.ts';
import type { DnsProvider } from '../outside/dns.ts';
import type { Reply, Request } from '../ground/http.ts';
import type { Instance } from '../render/service.ts';
import type { WriteLedger } from './ledger.ts';

/** Who may log in, in each application, and with what. */
export const LOGIN = { who: 'inspector1@peakops.test', password: 'a password of the sandbox' };

/** An application that the sandbox can run on the services and the databases of PeakOps. */
export interface Application {
  /** Makes its tables in an empty database and fills them: see `fillTables`. */
  fill(databaseUrl: string, ages: readonly number[], pause: (hours: number) => Promise<void>): Promise<void>;
  /** Those of the ids $1 that are there: `id` and `at`, in microseconds. */
  readonly findInspections: string;
  startApi(environment: ReadonlyMap<string, string>, options: ApiOptions): Promise<ApiCopy>;
  /** `name`: of the service. */
  startWorker(environment: ReadonlyMap<string, string>, name: string): Promise<Instance>;
  /** The column that says who people are. */
  readonly person: { readonly table: string; readonly column: string };
  readonly dnsProvider: DnsProvider;
  /** What an environment says of it. */
  readonly environment: { readonly application: JsonObject };
}

/** What a copy of the API needs beside its environment variables. */
export interface ApiOptions {
  readonly ledger: WriteLedger;
  /** Whether the public address leads here. */
  readonly hasCustomers: () => boolean;
}

/**
 * A deployed copy of the API. While it has customers they do as they would: they keep making inspections and uploading
 * videos, each of which is entered in the ledger once it is confirmed.
 */
export interface ApiCopy extends Instance {
  answer(request: Request): Promise<Reply>;
  /** Why it is not healthy; undefined when it is. */
  trouble(): Promise<string | undefined>;
}
