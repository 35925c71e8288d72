import { copyFileSync, mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Instant } from '../../../engine/base/instant.ts';
import type { ValueMap } from '../../../engine/base/value.ts';
import { makeDumps } from '../../rig/backups.ts';
import { failureOf, kindOf, stepRig } from '../../rig/step.ts';

const kind = await kindOf('postgres.find-dump');
let dumps: string;

beforeAll(async () => {
  dumps = mkdtempSync(join(tmpdir(), 'drillbook-test-dumps-'));
  await makeDumps(dumps);
  // A dozen programs of PostgreSQL.
}, 300_000);
afterAll(() => rmSync(dumps, { recursive: true, force: true }));

const at = (name: string): string => join(dumps, name, 'shop');
const finding = (args: ValueMap): Promise<ValueMap> => kind.run(args, stepRig().context);

describe('the newest dump of a folder', () => {
  test.each([
    ['custom', 'custom', false, 'shop'],
    ['directory', 'directory', false, 'shop'],
    ['tar', 'tar', false, 'shop'],
    ['plain', 'plain', false, null],
    ['compressed', 'plain', true, null],
    ['inserts', 'plain', false, 'shop'],
  ])('%s is of the format %s', async (name, format, compressed, database) => {
    expect(await finding({ path: join(dumps, name) })).toMatchObject({
      ...{ name: 'shop', format, compressed, database, count: 1 },
      dumpedFrom: expect.stringMatching(/^15\./) as string,
    });
  });

  test('is the one that was changed last, among those of a name; not what lies beside it', async () => {
    const folder = join(dumps, 'several');
    mkdirSync(folder);
    for (const [index, name] of ['shop-1.dump', 'shop-2.dump', 'blog.dump', 'shop-2.dump.json'].entries()) {
      copyFileSync(at('custom'), join(folder, name));
      utimesSync(join(folder, name), 1_800_000_000 + index, 1_800_000_000 + index);
    }
    expect(await finding({ path: folder, files: 'shop-*.dump' })).toMatchObject({
      name: 'shop-2.dump',
      count: 2,
    });
    expect(await finding({ path: folder })).toMatchObject({ name: 'blog.dump', count: 3 });
    expect(await failureOf(finding({ path: folder, files: 'none-*' }))).toMatchObject({ code: 'noSuchDump' });
  });

  test('is as old as what stands in it, though it was copied later', async () => {
    const copy = join(dumps, 'copied');
    copyFileSync(at('custom'), copy);
    utimesSync(copy, 4_000_000_000, 4_000_000_000);
    const { takenAt, modified } = await finding({ path: copy });
    expect((modified as Instant).epochMillis).toBe(4_000_000_000_000);
    expect((takenAt as Instant).epochMillis).toBeLessThan(Date.now() + 15 * 3_600_000);
  });

  test('is held against the checksum beside it', async () => {
    const copy = join(dumps, 'summed');
    copyFileSync(at('custom'), copy);
    writeFileSync(`${copy}.sha256`, `${'0'.repeat(64)}  summed\n`);
    expect(await failureOf(finding({ path: copy }))).toMatchObject({ code: 'checksum' });
  });
});
