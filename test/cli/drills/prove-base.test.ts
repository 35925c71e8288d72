import { cpSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { JsonObject } from '../../../engine/base/json.ts';
import { describeBackup, makeBaseBackup } from '../../rig/backups.ts';
import { drillbook, temporaryFolder } from '../../rig/drillbook.ts';

const LONG_MS = 600_000;

interface Card {
  readonly backups: readonly {
    readonly backup: string;
    readonly verdict: string;
    readonly checks: readonly { readonly id: string; readonly verdict: string; readonly reading: string }[];
  }[];
}

let folder: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'drillbook-test-bases-'));
  await makeBaseBackup(folder);
}, LONG_MS);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

it(
  'a base backup is proven with the WAL since, and not where some of it is missing',
  { timeout: LONG_MS },
  async () => {
    const [bases, wal, gap, newer] = ['bases', 'wal', 'gap', 'newer'].map((name) => join(folder, name)) as [
      ...[string, string, string, string],
    ];
    const monday = join(bases, 'monday');
    cpSync(wal, gap, { recursive: true });
    const segments = readdirSync(gap).filter((name) => /^[0-9A-F]{24}$/.test(name));
    rmSync(join(gap, segments.toSorted().at(-2) ?? ''));
    cpSync(monday, newer, { recursive: true });
    writeFileSync(join(newer, 'PG_VERSION'), '99\n');
    const asking = (archive: string): readonly string[] => [
      ...[
        'sh',
        '-c',
        'cp -r "$0/." "$1" && echo "restore_command = \'cp "$2"/%f %p\'" >> "$1/postgresql.auto.conf"',
      ],
      ...[monday, '{data}', archive],
    ];
    const bringing = (archive: string): readonly string[] => [
      ...['sh', '-c', 'cp -r "$0/." "$1" && cp "$2"/* "$1/pg_wal/"', monday, '{data}', archive],
    ];
    const of = (base: JsonObject): JsonObject => ({ database: 'shop', ...base });
    const CASES: Readonly<Record<string, readonly [base: JsonObject, red?: string, reading?: RegExp]>> = {
      whole: [of({ path: bases, wal })],
      program: [of({ restore: ['cp', '-r', `${monday}/.`, '{data}'], wal })],
      // As pgBackRest leaves it: PostgreSQL asks the program for each file of WAL.
      asks: [of({ restore: asking(wal) })],
      asksGap: [of({ restore: asking(gap) }), 'Restored', /WAL is missing: the archive goes on to/],
      // As Barman leaves it: all that it has lies in the copy.
      brings: [of({ restore: bringing(wal) })],
      bringsGap: [of({ restore: bringing(gap) }), 'Restored', /WAL is missing: the archive goes on to/],
      gap: [of({ path: bases, wal: gap }), 'Restored', /WAL is missing: the archive goes on to/],
      nowal: [of({ path: bases }), 'Restored', /does not come up on it: .*checkpoint record/],
      none: [of({ path: wal, wal }), 'Found', /there is no base backup in/],
      newer: [of({ path: newer, wal }), 'Restored', /is of PostgreSQL 99/],
      fails: [of({ restore: ['sh', '-c', 'echo no repository >&2; exit 1'] }), 'Found', /sh: no repository/],
      elsewhere: [{ database: 'none', path: bases, wal }, 'Restored', /database "none" does not exist/],
    };
    const cwd = temporaryFolder();
    const checks = { tables: { orders: { rows: 21_000, newest: { column: 'created_at', within: '1h' } } } };
    for (const [name, [base]] of Object.entries(CASES)) {
      describeBackup(join(cwd, 'playbooks'), name.toLowerCase(), { base, checks });
    }
    const { exitCode, stdout } = await drillbook(['prove', '--json'], { cwd });
    expect(exitCode).toBe(1);
    const { backups } = JSON.parse(stdout) as Card;
    for (const [name, [, red, reading = /^/]] of Object.entries(CASES)) {
      const found = backups.find(({ backup }) => backup === name.toLowerCase());
      const first = found?.checks.find(({ verdict }) => verdict !== 'proven');
      expect(first?.id, `${name}: ${first?.reading ?? ''}`).toBe(red);
      if (red !== undefined) expect(first?.reading, name).toMatch(reading);
      expect(found?.verdict, name).toBe(red === undefined ? 'proven' : 'notProven');
    }
  },
);
