import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { initStore } from '../../engine/journal/postgres/init.ts';
import { PostgresStore } from '../../engine/journal/postgres/postgres-store.ts';
import { Redactor } from '../../engine/journal/redact.ts';
import { plainDatabase } from '../../engine/kinds/postgres/client/plain.ts';
import { compileChild } from '../rig/compile-child.ts';
import { FakeClock } from '../rig/fake-clock.ts';
import { Dice } from '../rig/mutation.ts';
import { startPostgres } from '../rig/postgres.ts';
import type { PostgresRig } from '../rig/postgres.ts';
import { serveRelay } from '../rig/relay.ts';
import { SEED } from '../rig/seed.ts';
import { IS_DRAWN } from './drawn.ts';
import { Writer } from './shared/writers.ts';

/** The bound of the design: a dead writer is taken over within it. */
const TAKEN_OVER_MS = 10_000;
const ROUNDS = IS_DRAWN ? 2 : 8;

const dice = new Dice(SEED, 14);
const folder = mkdtempSync(join(tmpdir(), 'drillbook-shared-'));
const writers: Writer[] = [];
let postgres: PostgresRig;
let program: string;
let store: PostgresStore;
let runs = 0;

beforeAll(async () => {
  program = await compileChild(new URL('shared/child.ts', import.meta.url), folder);
  postgres = await startPostgres();
  const database = plainDatabase(postgres.server.url('peakops'));
  await initStore(database);
  store = new PostgresStore(database, { clock: new FakeClock(), redactor: new Redactor(), scratch: folder });
});

afterEach(async () => {
  for (const writer of writers.splice(0)) await writer.kill();
});

afterAll(async () => {
  await store.close();
  await postgres.close();
  rmSync(folder, { recursive: true, force: true });
});

async function newRun(): Promise<string> {
  const run = `run-${(runs += 1)}`;
  await (await store.create(run)).close();
  return run;
}

function writer(run: string, life: string, port?: number): Writer {
  const url = new URL(postgres.server.url('peakops'));
  if (port !== undefined) url.port = String(port);
  const started = new Writer(program, { url: url.href, run, life, scratch: folder });
  writers.push(started);
  return started;
}

/** The texts of the run, which must be whole, and hold what was said to be written, each once and in the order of lives. */
async function texts(run: string, lives: readonly Writer[]): Promise<readonly string[]> {
  expect(await store.verify(run)).toMatchObject({ ok: true });
  const all = (await store.read(run)).map((event) => (event.type === 'note.added' ? event.text : ''));
  expect(all).toEqual([...new Set(all)]);
  expect(all).toEqual(expect.arrayContaining(lives.flatMap(({ wrote }) => wrote)));
  const order = all.map((text) => text.split(' ')[0]).filter((life, at, each) => life !== each[at - 1]);
  expect(order).toEqual([...new Set(order)]);
  return all;
}

it('a writer that is killed at any moment is taken over in time, and nothing is lost or doubled', async () => {
  const run = await newRun();
  const lives: Writer[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    const life = writer(run, `life${round}`);
    lives.push(life);
    const killedAt = Date.now();
    await life.said('opened');
    if (round > 0) expect(Date.now() - killedAt).toBeLessThan(TAKEN_OVER_MS);
    await life.said('wrote', 1 + dice.below(40));
    await life.kill();
  }
  await texts(run, lives);
});

it('a writer that is stopped, taken over and continued writes nothing more', async () => {
  const run = await newRun();
  const zombie = writer(run, 'zombie');
  await zombie.said('wrote', 1 + dice.below(20));
  zombie.process.kill('SIGSTOP');
  const next = writer(run, 'next');
  await next.said('wrote');
  zombie.process.kill('SIGCONT');
  await zombie.said('refused');
  await next.said('wrote', 20);
  await next.kill();
  const all = await texts(run, [zombie, next]);
  expect(all.slice(all.indexOf('next 1')).every((text) => text.startsWith('next'))).toBe(true);
});

it('a writer whose connections are cut without a word reads what became of its lines, and goes on', async () => {
  const run = await newRun();
  const relay = await serveRelay(Number(new URL(postgres.server.url('peakops')).port));
  const cut = writer(run, 'cut', relay.port);
  let written = 1;
  for (let round = 0; round < 3; round += 1) {
    await cut.said('wrote', written);
    relay.stall();
    written = cut.wrote.length + 5 + dice.below(20);
  }
  await cut.said('wrote', written);
  await cut.kill();
  await texts(run, [cut]);
  await relay.close();
});

it('a writer that reaches its database no more stops before anybody else can begin', async () => {
  const run = await newRun();
  const relay = await serveRelay(Number(new URL(postgres.server.url('peakops')).port));
  const alone = writer(run, 'alone', relay.port);
  await alone.said('wrote', 5);
  await relay.close();
  const next = writer(run, 'next');
  const lost = await Promise.race([
    alone.said('lost').then(() => 'lost'),
    next.said('opened').then(() => 'taken'),
  ]);
  expect(lost).toBe('lost');
  await next.said('wrote', 5);
  await next.kill();
  await texts(run, [alone, next]);
});

it('a live writer is not taken over', async () => {
  const run = await newRun();
  const first = writer(run, 'first');
  await first.said('wrote');
  const second = writer(run, 'second');
  expect(await second.said('refused')).toMatchObject({
    why: expect.stringContaining('is being written by') as string,
  });
  await first.said('wrote', first.wrote.length + 5);
  await first.kill();
  await texts(run, [first]);
});
