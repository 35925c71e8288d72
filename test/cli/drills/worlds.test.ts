import { cpSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Event } from '../../../engine/model/event.ts';
import { drillbook, startDrillbook, temporaryFolder } from '../../rig/drillbook.ts';
import { DRILL_MS, rehearse } from '../../rig/rehearsal.ts';
import { GALLERY, SHOP } from '../../rig/shop.ts';

const eventsIn = (stdout: string): readonly Event[] =>
  stdout
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line) as Event);

/** A drill in which nothing breaks, and whose last step asks for what its first did. */
const NOTE = `version: 1
id: shop-note
title: A note is kept
summary: Nothing is broken.
rehearsals: { nothingBroken: { title: Nothing is broken, fault: none } }
steps:
  - id: write
    title: Write a note
    uses: sql.execute
    with: { database: '\${{ env.databases.main }}', statement: "insert into orders (note) values ('mine')" }
    effect: write
    touches: \${{ env.databases.main }}
  - { id: pause, title: Wait a moment, uses: wait, with: { for: 2s } }
  - id: kept
    title: It is there
    uses: sql.query
    with: { database: '\${{ env.databases.main }}', query: "select count(*)::int as n from orders where note = 'mine'" }
    assert: [{ that: 'output.rows[0].n == 1', else: The note is gone }]
`;

/** A folder of the shop that a test may change. */
function copyOfShop(): string {
  const playbooks = join(temporaryFolder(), 'playbooks');
  cpSync(SHOP, playbooks, { recursive: true });
  const world = join(playbooks, 'worlds', 'shop.yaml');
  // From a copy the program would not find its libraries.
  const text = readFileSync(world, 'utf8').replace('app.js', join(SHOP, 'worlds', 'app.js'));
  writeFileSync(world, text);
  return playbooks;
}

const OF_SHOP = ['--playbooks', SHOP, '--world', 'shop'];

describe('a drill in a world of the folder', () => {
  it(
    'breaks the part that the rehearsal names, recovers it, and counts what was lost',
    { timeout: DRILL_MS },
    async () => {
      const { exitCode, report, counted, proofs, left } = await rehearse('shop-table-lost', {
        args: OF_SHOP,
      });
      expect(exitCode).toBe(0);
      expect(report.run).toMatchObject({ outcome: 'succeeded', world: 'shop' });
      expect(report.objectives.rto?.verdict).toBe('met');
      expect(proofs).toMatchObject({ healthy: 'red' });
      expect(counted?.acknowledged).toBeGreaterThanOrEqual(10);
      expect(counted).not.toHaveProperty('uploads');
      expect(left).toEqual([]);
    },
  );

  it('finds the part by its place in the environment too', { timeout: DRILL_MS }, async () => {
    const { exitCode, counted, left } = await rehearse('shop-table-lost', {
      rehearsal: 'deletedRows',
      args: OF_SHOP,
    });
    expect(exitCode).toBe(0);
    // The writer goes on until the database is put back.
    expect(counted?.lost).toBeGreaterThan(0);
    expect(left).toEqual([]);
  });

  it(
    'counts the uploads that an application acknowledged, and knows a key that was revoked',
    { timeout: DRILL_MS },
    async () => {
      const { exitCode, proofs, counted, left } = await rehearse('gallery-key-revoked', {
        args: ['--playbooks', GALLERY, '--world', 'gallery'],
      });
      expect(exitCode).toBe(0);
      expect(proofs).toMatchObject({ shown: 'red' });
      expect(counted).toMatchObject({ acknowledged: 0, lost: 0, uploads: { lost: 0 } });
      expect(counted?.uploads?.acknowledged).toBeGreaterThanOrEqual(10);
      expect(left).toEqual([]);
    },
  );

  it('goes on in its world after kill -9', { timeout: DRILL_MS }, async () => {
    const cwd = temporaryFolder();
    const first = startDrillbook(['drill', 'shop-table-lost', '--json', ...OF_SHOP], { cwd });
    await first.line(/(?=.*"step\.started")(?=.*"recover")/);
    first.process.kill('SIGKILL');
    const before = eventsIn((await first.finished).stdout);
    const { exitCode, stdout } = await drillbook(['resume', '--json'], { cwd });
    expect(exitCode).toBe(0);
    const after = eventsIn(stdout);
    expect(after.at(-1)).toMatchObject({ type: 'run.finished', outcome: 'succeeded' });
    // No second world: the first one was found.
    const started = [...before, ...after].filter((event) => event.type === 'world.started');
    expect(new Set(started.map(({ address }) => JSON.stringify(address))).size).toBe(1);
    const folder = (started[0]?.address as { readonly folder: string }).folder;
    expect(existsSync(folder)).toBe(false);
  });

  it('goes on in its world where nothing was broken and steps were done', { timeout: DRILL_MS }, async () => {
    const cwd = temporaryFolder();
    const playbooks = copyOfShop();
    writeFileSync(join(playbooks, 'shop-note.yaml'), NOTE);
    const args = ['drill', 'shop-note', '--json', '--playbooks', playbooks, '--world', 'shop'];
    const first = startDrillbook(args, { cwd });
    await first.line(/(?=.*"step\.started")(?=.*"pause")/);
    first.process.kill('SIGKILL');
    await first.finished;
    const { exitCode, stdout } = await drillbook(['resume', '--json'], { cwd });
    // In a new world the note would not be there.
    expect(eventsIn(stdout).at(-1)).toMatchObject({ type: 'run.finished', outcome: 'succeeded' });
    expect(exitCode).toBe(0);
  });

  it(
    'begins its world anew from what the journal holds, when it died before anything was broken',
    { timeout: DRILL_MS },
    async () => {
      const cwd = temporaryFolder();
      const playbooks = copyOfShop();
      const args = ['drill', 'shop-table-lost', '--json', '--playbooks', playbooks, '--world', 'shop'];
      const first = startDrillbook(args, { cwd });
      await first.line(/"run\.started"/);
      first.process.kill('SIGKILL');
      await first.finished;
      writeFileSync(join(playbooks, 'worlds', 'shop.yaml'), 'version: 1\n');
      const { exitCode, stdout } = await drillbook(['resume', '--json'], { cwd });
      expect(exitCode).toBe(0);
      expect(eventsIn(stdout).at(-1)).toMatchObject({ type: 'run.finished', outcome: 'succeeded' });
    },
  );
});
