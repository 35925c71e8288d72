import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { JsonObject } from '../../../engine/base/json.ts';
import { CHECKS, describeBackup, makeDumps } from '../../rig/backups.ts';
import { drillbook, startDrillbook, temporaryFolder } from '../../rig/drillbook.ts';
import { violations } from '../../rig/output-schema.ts';
import { processesOf } from '../../sandbox/rig.ts';

const LONG_MS = 600_000;

interface Card {
  readonly proven: boolean;
  readonly backups: readonly {
    readonly backup: string;
    readonly run: string;
    readonly verdict: string;
    readonly checks: readonly {
      readonly id: string;
      readonly verdict: string;
      readonly reading: string;
      readonly shownRed?: boolean;
    }[];
  }[];
}

let dumps: string;

beforeAll(async () => {
  dumps = mkdtempSync(join(tmpdir(), 'drillbook-test-dumps-'));
  await makeDumps(dumps);
}, LONG_MS);
afterAll(() => rmSync(dumps, { recursive: true, force: true }));

/** A folder of one's own with these backups, each of the dump of its name. */
function folderWith(backups: Readonly<Record<string, JsonObject>>): string {
  const cwd = temporaryFolder();
  for (const [name, backup] of Object.entries(backups)) {
    describeBackup(join(cwd, 'playbooks'), name.toLowerCase(), {
      dump: { path: join(dumps, name) },
      checks: CHECKS,
      ...backup,
    });
  }
  return cwd;
}

async function prove(
  cwd: string,
  ...args: readonly string[]
): Promise<{ exitCode: number | null; card: Card }> {
  const { exitCode, stdout, stderr } = await drillbook(['prove', '--json', ...args], { cwd });
  expect(stderr).toBe('');
  const card = JSON.parse(stdout) as Card;
  expect(violations('proofs')(card)).toEqual([]);
  return { exitCode, card };
}

/** The first check that is not green, with what is said of it, and how many were not asked any more. */
function firstRed({ checks }: Card['backups'][number]) {
  const [first] = checks.filter(({ verdict }) => verdict === 'failed' || verdict === 'unproven');
  const skipped = checks.filter(({ verdict }) => verdict === 'skipped').length;
  return first === undefined ? undefined : { id: first.id, reading: first.reading, skipped };
}

describe('a sound backup', () => {
  const FORMS = ['custom', 'directory', 'tar', 'plain', 'inserts', 'compressed'];

  it('is proven in each form, with each check of the copy shown red', { timeout: LONG_MS }, async () => {
    const cwd = folderWith(Object.fromEntries(FORMS.map((form) => [form, {}])));
    const { exitCode, card } = await prove(cwd);
    expect(card.backups.map(({ backup, verdict }) => [backup, verdict])).toEqual(
      FORMS.toSorted().map((form) => [form, 'proven']),
    );
    expect(exitCode).toBe(0);
    for (const { checks } of card.backups) {
      expect(checks.filter(({ shownRed }) => shownRed === true).map(({ id }) => id)).toEqual([
        ...['Contents', 'RowsOrders', 'NewestOrders', 'ChecksumCustomers', 'CanaryFirst', 'QueryCustomers'],
      ]);
    }
  });
});

describe('a backup that is not one, told by its first red check; what hangs on it is skipped', () => {
  const OF_SHOP = { path: '', database: 'shop' };
  const CASES: Readonly<Record<string, readonly [id: string, reading: RegExp, more?: JsonObject]>> = {
    empty: ['Found', /is empty: nothing was dumped/],
    noDump: ['Found', /no dump of PostgreSQL, by its first bytes/],
    cut: ['Restored', /could not read from input file|end of file/],
    cutPlain: ['Found', /breaks off after line \d+/],
    cutCompressed: ['Found', /its compression breaks off/],
    command: ['Found', /command of psql and not SQL: \\! touch/],
    other: ['Found', /is of the database other/, { dump: OF_SHOP }],
    otherPlain: ['RowsOrders', /there is no table orders/],
    hollow: ['Contents', /holds no row: 3 tables/],
    warns: ['Restored', /with warnings: mind the gap/],
    unwatched: ['CanaryFirst', /came back, and not as it was written/],
    missing: ['Found', /there is no dump/],
  };

  it('finds each of them', { timeout: LONG_MS }, async () => {
    const backups = Object.entries(CASES).map(([name, [, , more = {}]]) => {
      const isOfShop = more['dump'] === OF_SHOP;
      return [name, isOfShop ? { dump: { ...OF_SHOP, path: join(dumps, name) } } : more] as const;
    });
    const { exitCode, card } = await prove(folderWith(Object.fromEntries(backups)));
    expect(exitCode).toBe(1);
    for (const [name, [id, reading]] of Object.entries(CASES)) {
      const found = card.backups.find(({ backup }) => backup === name.toLowerCase());
      expect(found?.verdict, name).toBe('notProven');
      const first = found === undefined ? undefined : firstRed(found);
      expect(first, name).toMatchObject({ id, reading: expect.stringMatching(reading) as string });
      if (id === 'Found' || id === 'Restored') expect(first?.skipped, name).toBeGreaterThan(4);
    }
    expect(existsSync('/tmp/never')).toBe(false);
  });

  it('is one whose check is green on a broken copy, too', { timeout: LONG_MS }, async () => {
    const queries = {
      always: { sql: 'select 1 as one', that: 'output.rows[0].one == 1' },
    };
    const { exitCode, card } = await prove(folderWith({ custom: { checks: { queries } } }));
    expect(exitCode).toBe(1);
    const check = card.backups[0]?.checks.find(({ id }) => id === 'QueryAlways');
    expect(check).toMatchObject({ verdict: 'unproven', shownRed: false });
  });

  it(
    'is one that has shrunk since it was proven last, until that is said to be meant',
    { timeout: LONG_MS },
    async () => {
      const cwd = folderWith({ plain: {} });
      expect((await prove(cwd)).exitCode).toBe(0);
      const smaller = { dump: { path: join(dumps, 'smaller') } };
      describeBackup(join(cwd, 'playbooks'), 'plain', { ...smaller, checks: CHECKS });
      const { exitCode, card } = await prove(cwd);
      expect(exitCode).toBe(1);
      const red = card.backups[0]?.checks.filter(({ verdict }) => verdict === 'failed');
      expect(red?.map(({ id }) => id)).toEqual(['Size', 'RowsOrders']);
      const meant = { ...CHECKS, since: new Date().toISOString() };
      describeBackup(join(cwd, 'playbooks'), 'plain', { ...smaller, checks: meant });
      expect((await prove(cwd)).exitCode).toBe(0);
    },
  );
});

describe('what a proof leaves behind', () => {
  const journalOf = (cwd: string) => {
    const runs = join(cwd, '.drillbook', 'runs');
    const [run = ''] = existsSync(runs) ? readdirSync(runs).sort().toReversed() : [];
    return readFileSync(join(runs, run, 'journal.jsonl'), 'utf8')
      .split('\n')
      .filter((line) => line.startsWith('{'))
      .map((line) => JSON.parse(line) as { readonly type: string; readonly body: JsonObject });
  };
  const worldOf = (cwd: string): string => {
    const started = journalOf(cwd).find(({ type }) => type === 'world.started');
    return (started?.body['address'] as { readonly folder: string }).folder;
  };

  it.each([
    ['success', 'custom', undefined, 0],
    ['failure', 'cut', undefined, 1],
    ['Ctrl-C', 'custom', 'SIGINT', 130],
    ['kill -9', 'custom', 'SIGKILL', null],
  ] as const)('is nothing after %s', { timeout: LONG_MS }, async (_, dump, signal, wanted) => {
    const cwd = folderWith({ [dump]: {} });
    const path = join(dumps, dump, 'shop');
    const before = statSync(path).mtimeMs;
    const running = startDrillbook(['prove'], { cwd });
    if (signal !== undefined) {
      await new Promise<void>((resolve) => {
        let said = '';
        running.process.stderr?.on('data', (chunk: Buffer) => {
          said += chunk.toString();
          if (said.includes('can be restored')) resolve();
        });
      });
      running.process.kill(signal);
    }
    expect((await running.finished).exitCode).toBe(wanted);
    const world = worldOf(cwd);
    await expect.poll(() => existsSync(world)).toBe(false);
    await expect.poll(() => processesOf(world)).toEqual([]);
    expect(statSync(path).mtimeMs).toBe(before);
    if (signal === 'SIGKILL') {
      // The next proof writes down the end of the one that was killed.
      expect((await prove(cwd)).exitCode).toBe(0);
      const { runs } = JSON.parse((await drillbook(['runs', '--json'], { cwd })).stdout) as {
        runs: readonly JsonObject[];
      };
      expect(runs.map(({ outcome }) => outcome)).toEqual(['succeeded', 'aborted']);
    } else expect(journalOf(cwd).at(-1)).toMatchObject({ type: 'run.finished' });
  });
});
