import type { JsonObject } from '../../base/json.ts';
import type { DnsProvider } from '../outside/dns.ts';

/** An application of the sandbox's own: what a deployed copy answers and writes, and the tables it lies in. */
export interface Queries {
  /** What `create table` makes. */
  readonly tables: string;
  /** Fills them: see `fillTables` for the parameters. */
  readonly seed: { readonly users: string; readonly inspections: string; readonly videos: string };
  /** Reads every row of every table that matters: a bare count may be answered from an index alone. */
  readonly readAll: string;
  /** $1: a text. Gives `id` and `at`. */
  readonly insertInspection: string;
  /** Those of the ids $1 that are there: `id` and `at`. */
  readonly findInspections: string;
  /** $1: a key. Gives `at`. */
  readonly insertVideo: string;
  /** What workers do again and again: they read rows, as Celery's tasks do. */
  readonly task: string;
  /** Says that the application is alive. */
  readonly heartbeat?: string;
  /** Says that the worker whose name is $1 is alive. */
  readonly signOfLife?: string;
  /** $1: who. Gives `id`. `name`: what the body of the request calls who it is. */
  readonly login: { readonly path: string; readonly name: string; readonly findUser: string };
  /** What customers open: the rows of a query, as the answer or as a member of it. */
  readonly recent: { readonly path: string; readonly query: string; readonly list?: string };
  /** Plays the newest video; the query gives its key. */
  readonly newestVideo?: { readonly path: string; readonly query: string };
  /** The column that says who people are. */
  readonly person: { readonly table: string; readonly column: string };
  readonly dnsProvider: DnsProvider;
  /** Its part of the environment. */
  readonly environment: JsonObject;
}
