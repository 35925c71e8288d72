import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { Instant } from '../../../engine/base/instant.ts';
import type { WorldPlan } from '../../../engine/model/world.ts';
import type { World } from '../../../engine/sandbox/world.ts';
import { desk, environmentOf, open, planOf, secretIn, stateOf } from '../parts-rig.ts';
import { query, until } from '../rig.ts';

const GALLERY = join(import.meta.dirname, '../../rig/gallery/worlds');

/** A gallery, and somebody who uses it as `writer` says. */
const gallery = (writer: string): WorldPlan =>
  planOf(
    `
parts:
  db: { uses: postgres, with: { seed: seed.sql } }
  files: { uses: s3, with: { buckets: { photos: { replica: photosCopy } } } }
  app:
    uses: process
    with:
      command: [node, ${join(GALLERY, 'app.js')}, "\${{ port }}"]
      env:
        DATABASE_URL: \${{ parts.db.url }}
        AWS_ENDPOINT_URL: \${{ parts.files.url }}
        AWS_ACCESS_KEY_ID: \${{ parts.files.accessKeyId }}
        AWS_SECRET_ACCESS_KEY: \${{ parts.files.secretAccessKey }}
        BUCKET: photos
      ready: { url: "http://127.0.0.1:\${{ port }}/health" }
  people:
    uses: writer
    with: ${writer}
environment:
  databases: { main: "\${{ parts.db }}" }
  values: { desk: { app: "\${{ parts.app.control }}", token: "\${{ desk.token }}" } }
`,
    { 'seed.sql': readFileSync(join(GALLERY, 'seed.sql')) },
  );

const REQUEST = 'request: { url: "${{ parts.app.url }}/orders", json: { note: "a note: $1" } }, every: 20ms';

const BY_SQL = `{ ${REQUEST}, acknowledged: { status: [201], key: order.id }, database: "\${{ parts.db }}", find: "select id from orders where id = any($1::bigint[])" }`;
const BY_GET = `{ ${REQUEST}, find: { url: "\${{ parts.app.url }}/orders/a%20note:%20$1" } }`;
const UPLOADS =
  '{ request: { url: "${{ parts.app.url }}/photos", bytes: 2000 }, acknowledged: { key: name }, every: 20ms, storage: "${{ parts.files }}", bucket: photos, key: photos/$1 }';
const DIRECT = '{ storage: "${{ parts.files }}", bucket: photos, key: photos/$1.jpg, every: 20ms }';

/** What it wants of the environment. */
interface WithMain {
  readonly databases: { readonly main: { readonly url: { readonly file: string } } };
}

async function sql(world: World, text: string): Promise<readonly { readonly id: string }[]> {
  const { databases } = await environmentOf<WithMain>(world);
  return await query(secretIn(databases.main.url), text);
}

const acknowledgedBy = async (world: World): Promise<number> =>
  Number((await stateOf(world, 'people'))['acknowledged']);

describe('customers who write through the application', () => {
  test.each([
    ['a query', BY_SQL],
    ['a request for each', BY_GET],
  ])('are told by its answers what is kept, and what of it is lost is found by %s', async (_, writer) => {
    const world = await open(gallery(writer));
    await world.baseline();
    expect(await world.loss()).toMatchObject({ lost: 0 });
    expect(await world.lostUploads()).toBeUndefined();
    const gone = await sql(
      world,
      "delete from orders where id in (select id from orders where note like 'a note: %' order by id limit 4) returning id",
    );
    const { acknowledged, ...loss } = await world.loss();
    expect(loss).toMatchObject({ lost: gone.length, oldestLost: expect.any(Number) as number });
    expect(acknowledged).toBeGreaterThanOrEqual(10);
  });

  test('have nothing acknowledged while it does not run, and go on when it does', async () => {
    const world = await open(gallery(BY_SQL));
    await world.baseline();
    await desk(world, 'app', '/stop');
    await until(
      'nobody is answered',
      () => stateOf(world, 'people'),
      ({ error }) => JSON.stringify(error ?? '').includes('/orders does not answer: '),
    );
    const before = await acknowledgedBy(world);
    expect(await world.loss()).toMatchObject({ acknowledged: before, lost: 0 });
    await desk(world, 'app', '/start');
    await until(
      'they go on',
      () => acknowledgedBy(world),
      (now) => now > before,
    );
  });

  test('do not count a write whose answer acknowledges none', async () => {
    const world = await open(gallery(BY_SQL.replace('[201]', '[202]')));
    await until(
      'they are answered',
      () => stateOf(world, 'people'),
      ({ error }) => JSON.stringify(error ?? '').includes('/orders answers 201'),
    );
    expect(await world.loss()).toEqual({ acknowledged: 0, lost: 0 });
  });

  test('cannot be told what is lost where an answer says neither', async () => {
    const world = await open(gallery(BY_GET));
    await world.baseline();
    await sql(world, 'drop table orders');
    await expect(world.loss()).rejects.toThrow(/answers 503, which says neither that it is there/);
  });
});

describe('uploads', () => {
  test.each([
    ['through the application', UPLOADS],
    ['straight into the bucket', DIRECT],
  ])('%s are counted by themselves, as files that their keys lead to', async (_, writer) => {
    const world = await open(gallery(writer));
    await world.baseline();
    expect(await world.loss()).toEqual({ acknowledged: 0, lost: 0 });
    expect(await world.lostUploads()).toMatchObject({ lost: 0 });
    await desk(world, 'app', '/stop');
    const { output } = await world.inject('s3.delete-objects', { bucket: 'photos', share: 0.5 });
    const loss = await world.lostUploads();
    // One may have been stored whose acknowledgement the end of the application cut off: nobody was promised it.
    const gone = Number(output['objects']);
    expect([gone, gone - 1]).toContain(loss?.lost);
    expect(loss?.acknowledged).toBeGreaterThanOrEqual(10);
  });

  test('that were not replicated are lost with their bucket', async () => {
    const world = await open(gallery(DIRECT));
    await world.baseline();
    const { output } = await world.inject('s3.delete-bucket', { bucket: 'photos', replicationLag: '10s' });
    expect(Number(output['unreplicated'])).toBeGreaterThan(0);
    const acknowledged = await acknowledgedBy(world);
    expect(await world.lostUploads()).toMatchObject({ acknowledged, lost: acknowledged });
  });

  test('go into a bucket that there is', async () => {
    await expect(open(gallery(DIRECT.replace('bucket: photos', 'bucket: photo')))).rejects.toThrow(
      /the part files has no bucket photo/,
    );
  });
});

/** Sessions are kept in memory, so that they are gone after a restart. */
const FORUM = `
import { createServer } from 'node:http';
import { text } from 'node:stream/consumers';
const [sessions, posts] = [new Set(), new Set()];
const MADE = '2025-11-01T12:00:00.000001Z';
createServer(async (request, response) => {
  const body = await text(request);
  const end = (status, answer, headers = {}) => response.writeHead(status, headers).end(JSON.stringify(answer));
  if (request.url === '/login') {
    const id = String(sessions.size) + Date.now();
    if (JSON.parse(body).name !== 'ada') return end(403, {});
    sessions.add(id);
    return end(200, {}, { 'set-cookie': ['session=' + id + '; Path=/; HttpOnly', 'theme=dark'] });
  }
  if (request.method === 'GET') return end(posts.has(request.url) ? 200 : 404, {});
  const [, id] = /session=([^;]+); theme=dark/.exec(request.headers.cookie ?? '') ?? [];
  if (!sessions.has(id)) return end(401, {});
  posts.add('/posts/' + JSON.parse(body).text);
  end(201, { post: { made: MADE } });
}).listen(Number(process.argv[2]), '127.0.0.1');
`;

const members = (name: string, time: string): WorldPlan =>
  planOf(
    `
parts:
  app: { uses: process, with: { command: [node, forum.mjs, "\${{ port }}"] } }
  people:
    uses: writer
    with:
      request: { url: "\${{ parts.app.url }}/posts", json: { text: $1 } }
      login: { url: "\${{ parts.app.url }}/login", json: { name: ${name} } }
      acknowledged: { time: ${time} }
      find: { url: "\${{ parts.app.url }}/posts/$1" }
      every: 20ms
environment:
  values: { desk: { app: "\${{ parts.app.control }}", token: "\${{ desk.token }}" } }
`,
    { 'forum.mjs': FORUM },
  );

describe('customers who log in', () => {
  test('do so where they are not known, and once more when their session is gone', async () => {
    const world = await open(members('ada', 'post.made'));
    await world.baseline();
    const before = await acknowledgedBy(world);
    await desk(world, 'app', '/restart');
    await until(
      'they are back',
      () => acknowledgedBy(world),
      (now) => now > before,
    );
    // What was posted before is gone with the program, and is dated as its answer said.
    const made = Number(Instant.parse('2025-11-01T12:00:00.000001Z')?.epochMicros) / 1000;
    expect(await world.loss()).toMatchObject({ oldestLost: made, newestLost: made });
  });

  test('write nothing where they are not let in, and none whose time nobody knows', async () => {
    for (const [plan, trouble] of [
      [members('eve', 'post.made'), /login answers 403: customers cannot log in/],
      [members('ada', 'post.at'), /the answer has no post\.at/],
    ] as const) {
      const world = await open(plan);
      await until(
        'it is told',
        () => stateOf(world, 'people'),
        ({ error }) => trouble.test(JSON.stringify(error ?? '')),
      );
      expect(await acknowledgedBy(world)).toBe(0);
    }
  });
});
