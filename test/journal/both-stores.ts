import { join } from 'node:path';
import { afterAll, beforeAll, onTestFinished } from 'vitest';
import { initStore } from '../../engine/journal/postgres/init.ts';
import type { Database } from '../../engine/journal/postgres/link.ts';
import { PostgresStore } from '../../engine/journal/postgres/postgres-store.ts';
import { Redactor } from '../../engine/journal/redact.ts';
import type { Event } from '../../engine/model/event.ts';
import { plainDatabase } from '../../engine/kinds/postgres/client/plain.ts';
import type { PostgresRig } from '../rig/postgres.ts';
import { startPostgres } from '../rig/postgres.ts';
import { TestClock, temporaryFolder, testStore } from './rig.ts';
import type { TestStore } from './rig.ts';

/** What there is of every store. */
export type AnyTestStore = Pick<TestStore, 'store' | 'clock' | 'redactor' | 'told'>;

interface PostgresTestStore extends AnyTestStore {
  readonly store: PostgresStore;
}

let postgres: PostgresRig | undefined;
let stores = 0;

/** A server for the stores of one file. */
export function withPostgres(): () => PostgresRig {
  beforeAll(async () => {
    postgres = await startPostgres();
  });
  afterAll(() => postgres?.close());
  return () => {
    if (postgres === undefined) throw new Error('the server has not started');
    return postgres;
  };
}

/** An empty store in a schema of its own, with what looks at it as the superuser. */
export async function postgresStore(): Promise<PostgresTestStore & { readonly schema: string }> {
  if (postgres === undefined) throw new Error('the server has not started');
  const schema = `store_${(stores += 1)}`;
  const database = plainDatabase(postgres.server.url('peakops'));
  await initStore(database, schema);
  return { schema, ...openPostgresStore(postgres, schema) };
}

/** Another process's view of such a store. */
export function openPostgresStore(
  { server }: PostgresRig,
  schema: string,
  through: (database: Database) => Database = (database) => database,
): PostgresTestStore {
  const clock = new TestClock();
  const redactor = new Redactor();
  const told: Event[] = [];
  const store = new PostgresStore(through(plainDatabase(server.url('peakops'))), {
    ...{ clock, redactor, schema },
    scratch: join(temporaryFolder(), 'scratch'),
    onAppend: (event) => told.push(event),
  });
  onTestFinished(() => store.close());
  return { store, clock, redactor, told };
}

/** The stores that must not differ in what they do. */
export const STORES: readonly {
  readonly name: string;
  readonly make: () => Promise<AnyTestStore>;
  /** Of a property: what is asked of a server takes longer. */
  readonly examples: number;
}[] = [
  { name: 'a folder', make: () => Promise.resolve(testStore()), examples: 40 },
  { name: 'PostgreSQL', make: postgresStore, examples: 10 },
];
