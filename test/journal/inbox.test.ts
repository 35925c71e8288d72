import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Message } from '../../engine/model/message.ts';
import type { Store } from '../../engine/journal/store.ts';
import { tablesIn } from '../../engine/journal/postgres/tables.ts';
import { initStore } from '../../engine/journal/postgres/init.ts';
import { plainDatabase } from '../../engine/kinds/postgres/client/plain.ts';
import { STORES, openPostgresStore, postgresStore, withPostgres } from './both-stores.ts';
import { note, testStore, written } from './rig.ts';

const server = withPostgres();

/** The first messages, however long they take to come. */
async function firstOf(store: Store, run: string, count: number): Promise<readonly Message[]> {
  const over = new AbortController();
  const found: Message[] = [];
  for await (const message of store.inbox(run).messages(over.signal)) {
    found.push(message);
    if (found.length === count) over.abort();
  }
  return found;
}

describe.each(STORES)('the inbox of a run in $name', ({ make }) => {
  it('gives what was left there in order, each once, whether it was there or comes later', async () => {
    const { store } = await make();
    await written({ store }, 'a', [note('begun')]);
    const inbox = store.inbox('a');
    await inbox.put('message-1', { n: 1 });
    await inbox.put('message-1', { n: 'the same once more' });
    const found = firstOf(store, 'a', 3);
    await inbox.put('message-2', { n: 2 });
    await inbox.put('message-3', { n: 3 });
    expect((await found).map(({ id, body }) => [id, body])).toEqual([
      ['message-1', { n: 1 }],
      ['message-2', { n: 2 }],
      ['message-3', { n: 3 }],
    ]);
  });

  it('is its own, and is no part of the journal', async () => {
    const { store } = await make();
    await written({ store }, 'a', [note('begun')]);
    await written({ store }, 'b', [note('begun')]);
    await store.inbox('a').put('message-1', { to: 'a' });
    await store.inbox('b').put('message-2', { to: 'b' });
    expect((await firstOf(store, 'b', 1)).map(({ body }) => body)).toEqual([{ to: 'b' }]);
    expect(await store.read('a')).toHaveLength(1);
    expect(await store.verify('a')).toMatchObject({ ok: true });
  });

  it('refuses what is too long, what has no id, and a run that there is not', async () => {
    const { store } = await make();
    await written({ store }, 'a', [note('begun')]);
    const inbox = store.inbox('a');
    await expect(inbox.put('message-1', { n: 'x'.repeat(70_000) })).rejects.toMatchObject({
      name: 'StoreError',
    });
    await expect(inbox.put('../../x', { n: 1 })).rejects.toMatchObject({ name: 'StoreError' });
    await expect(store.inbox('nowhere').put('message-1', {})).rejects.toMatchObject({ name: 'StoreError' });
    expect(await store.list()).toEqual(['a']);
  });

  it('is empty once the run is sealed', async () => {
    const { store } = await make();
    const open = await store.create('a');
    await open.journal.append(note('begun'));
    await store.inbox('a').put('message-1', { n: 1 });
    await open.seal();
    await open.close();
    await store.inbox('a').put('message-2', { n: 2 });
    expect((await firstOf(store, 'a', 1)).map(({ id }) => id)).toEqual(['message-2']);
  });
});

describe('the inbox in a folder', () => {
  it('passes over what nobody has finished writing, and gives what is no JSON as nothing', async () => {
    const rig = testStore();
    await written(rig, 'a', [note('begun')]);
    const folder = join(rig.root, 'runs', 'a', 'inbox');
    mkdirSync(folder);
    writeFileSync(join(folder, 'half.draft'), '{"n":');
    writeFileSync(join(folder, 'message-1.json'), '{"n":');
    await rig.store.inbox('a').put('message-2', { n: 2 });
    const found = await firstOf(rig.store, 'a', 2);
    expect(found.map(({ id, body }) => [id, body])).toEqual([
      ['message-1', null],
      ['message-2', { n: 2 }],
    ]);
  });
});

describe('the inbox in PostgreSQL', () => {
  it('says itself who left a message: no writer can', async () => {
    const rig = await postgresStore();
    await written(rig, 'a', [note('begun')]);
    const postgres = server();
    await postgres.sql(`create role eve login; grant ${rig.schema}_writer to eve`);
    const forged = postgres.sql(
      `set role eve; insert into ${rig.schema}.inbox (run, id, body, account) values ('a', 'message-1', '{}', 'ada')`,
    );
    await expect(forged).rejects.toThrow(/permission denied/);
    await postgres.sql('reset role');
  });

  it('is added to a store that was made before there were any', async () => {
    const rig = await postgresStore();
    await written(rig, 'a', [note('begun')]);
    await server().sql(`drop table ${tablesIn(rig.schema).inbox}`);
    const { store } = openPostgresStore(server(), rig.schema);
    await expect(store.inbox('a').put('message-1', {})).rejects.toMatchObject({
      hint: expect.stringContaining('drillbook store init') as string,
    });
    await initStore(plainDatabase(server().server.url('peakops')), rig.schema);
    await store.inbox('a').put('message-1', { n: 1 });
    expect(await firstOf(store, 'a', 1)).toHaveLength(1);
  });
});
