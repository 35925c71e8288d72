import { createHash } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Database } from '../../../engine/journal/postgres/link.ts';
import { StepError } from '../../../engine/model/kind.ts';
import { query } from '../../rig/postgres.ts';
import { openPostgresStore, postgresStore, withPostgres } from '../both-stores.ts';
import { note, written } from '../rig.ts';

const server = withPostgres();

/** As if its process had died long ago. */
const lapse = (schema: string): Promise<object[]> =>
  server().sql(`update ${schema}.leases set until = '-infinity'`);

describe('a writer that was taken over', () => {
  it('is refused, and what it wanted to write is not there', async () => {
    const rig = await postgresStore();
    const first = await rig.store.create('a');
    await first.journal.append(note('first life'));
    await lapse(rig.schema);
    const other = openPostgresStore(server(), rig.schema);
    const second = await other.store.open('a');
    expect(second.events).toHaveLength(1);
    await second.journal.append(note('second life'));
    await expect(first.journal.append(note('zombie'))).rejects.toMatchObject({
      code: 'locked',
      message: 'run a was taken over by another process',
    });
    await first.close();
    expect(await other.store.writer('a')).toContain('process');
    await second.close();
    expect((await rig.store.read('a')).map((event) => 'text' in event && event.text)).toEqual([
      'first life',
      'second life',
    ]);
  });

  it('leaves its environment to the same run at once, and to another one once its lease has ended', async () => {
    const rig = await postgresStore();
    const other = openPostgresStore(server(), rig.schema);
    await rig.store.lockEnvironment('staging', 'a');
    const inherited = await other.store.lockEnvironment('staging', 'a');
    await lapse(rig.schema);
    await (await rig.store.lockEnvironment('staging', 'b')).release();
    await inherited.release();
  });
});

/** Answers the first append to a run as if the connection had broken, `before` or `after` it took effect. */
function breaking(when: 'before' | 'after'): (database: Database) => Database {
  let isBroken = false;
  return (database) => ({
    place: database.place,
    connect: async () => {
      const connection = await database.connect();
      return {
        ...connection,
        query: async (text, values) => {
          const isAppend = text.includes('pg_notify') && values[0] === 'run';
          if (isBroken || !isAppend) return connection.query(text, values);
          isBroken = true;
          if (when === 'after') await connection.query(text, values);
          throw new StepError('Connection terminated', { code: 'connectionLost', retryable: true });
        },
      };
    },
  });
}

it.each(['before', 'after'] as const)(
  'an append whose answer was lost %s it took effect is in the journal once',
  async (when) => {
    const { schema } = await postgresStore();
    const rig = openPostgresStore(server(), schema, breaking(when));
    await written(rig, 'a', [note('one')]);
    expect((await rig.store.read('a')).map(({ seq }) => seq)).toEqual([1]);
    expect(await rig.store.verify('a')).toMatchObject({ ok: true });
  },
);

describe('another hand in the tables', () => {
  it.each([
    [
      'a line that was changed',
      `update T.lines set line = convert_to(replace(convert_from(line, 'utf8'), 'two', 'TWO'), 'utf8')`,
      /payload was changed/,
    ],
    ['a line that was removed', 'delete from T.lines where seq = 2', /removed, inserted or moved/],
    ['an end that was cut off', 'delete from T.lines where seq = 3', /cut off the end/],
    [
      'a head that was set back',
      `update T.journals set seq = 2 where kind = 'run'`,
      /names another hash|added after/,
    ],
  ])('is found by %s', async (_, statement, message) => {
    const rig = await postgresStore();
    await written(rig, 'a', [note('one'), note('two'), note('three')], true);
    await server().sql(statement.replaceAll('T.', `${rig.schema}.`));
    const { ok, problem } = await rig.store.verify('a');
    expect(ok).toBe(false);
    expect(problem?.message).toMatch(message);
  });

  it('stops a writer that finds its journal moved', async () => {
    const rig = await postgresStore();
    const open = await rig.store.create('a');
    await open.journal.append(note('one'));
    await server().sql(`update ${rig.schema}.journals set seq = 7 where kind = 'run'`);
    await expect(open.journal.append(note('two'))).rejects.toMatchObject({ code: 'altered' });
    await open.close();
  });
});

it('a line can be checked with ordinary tools', async () => {
  const rig = await postgresStore();
  await written(rig, 'a', [note('naïve')]);
  const [row] = await server().sql<{ line: Buffer }>(
    `select line from ${rig.schema}.lines where kind = 'run'`,
  );
  const [, header = '', hash] = /^(.*),"hash":"([0-9a-f]{64})"/.exec(row?.line.toString() ?? '') ?? [];
  expect(createHash('sha256').update(header).digest('hex')).toBe(hash);
});

it('evidence is kept for other machines, and held against its digest', async () => {
  const rig = await postgresStore();
  const open = await rig.store.create('a');
  const path = join(rig.store.folder('a'), 'proof.txt');
  await mkdir(rig.store.folder('a'), { recursive: true });
  await writeFile(path, 'x'.repeat(1_200_000));
  const attachment = await open.attach('copy', path);
  await open.journal.append({ type: 'attached', key: 'copy', path, ...attachment });
  await open.close();
  const other = openPostgresStore(server(), rig.schema);
  const parts: Buffer[] = [];
  for await (const part of (await other.store.attachment('a', attachment.file)) ?? []) parts.push(part);
  expect(Buffer.concat(parts).length).toBe(1_200_000);
  expect(await other.store.verify('a')).toMatchObject({ ok: true });
  await server().sql(`delete from ${rig.schema}.attachment_parts where part = 1`);
  expect((await other.store.verify('a')).problem?.message).toBe(
    `its attachment ${attachment.file} was changed`,
  );
});

describe('rights', () => {
  it('let readers look and see no secret, and let writers remove nothing', async () => {
    const rig = await postgresStore();
    await written(rig, 'a', [note('one')]);
    const as = (role: string, statement: string): Promise<object[]> =>
      query(
        server().server.url('peakops'),
        `set role ${rig.schema}_${role}; ${statement.replaceAll('T.', `${rig.schema}.`)}`,
      );
    await as('reader', 'select * from T.lines, T.journals, T.attachments');
    await expect(as('reader', `insert into T.leases values ('x', 1, now(), '', '')`)).rejects.toThrow(
      /permission denied/,
    );
    await expect(as('reader', 'select * from T.secrets')).rejects.toThrow(/permission denied/);
    await expect(as('writer', 'delete from T.lines')).rejects.toThrow(/permission denied/);
    await expect(as('writer', 'delete from T.journals')).rejects.toThrow(/permission denied/);
    await expect(as('writer', 'update T.lines set seq = 1')).rejects.toThrow(/permission denied/);
  });
});

describe('a run that is removed on purpose', () => {
  it('is told from one that somebody removed', async () => {
    const rig = await postgresStore();
    for (const run of ['a', 'b', 'c']) await written(rig, run, [note(run)], run !== 'c');
    await rig.store.remove('a', 'kept for a year');
    expect(await rig.store.list()).toEqual(['c', 'b']);
    expect(await rig.store.verifyRegister()).toMatchObject({ ok: true, removed: 1 });
    await expect(rig.store.remove('c', 'too early')).rejects.toMatchObject({ code: 'locked' });
    await server().sql(`delete from ${rig.schema}.journals where name = 'b'`);
    expect(await rig.store.verifyRegister()).toMatchObject({
      ok: false,
      problems: [{ run: 'b', message: 'it was removed' }],
    });
  });
});
