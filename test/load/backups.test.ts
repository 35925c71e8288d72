import { describe, expect, it } from 'vitest';
import { loadBackup } from '../../engine/load/backups/backup.ts';
import { loadPlaybook } from '../../engine/load/playbook.ts';
import { loadWorld } from '../../engine/load/world.ts';
import type { Backup } from '../../engine/model/backup.ts';
import { SourceFile } from '../../engine/source/file.ts';

const HEAD = 'version: 1\nname: shop\ndump: { path: dumps, database: shop }\n';

async function load(text: string): Promise<Backup> {
  const { value, diagnostics } = await loadBackup(new SourceFile('backups/shop.yaml', text));
  expect(diagnostics).toEqual([]);
  if (value === undefined) throw new Error('it has no value');
  return value;
}

const codes = async (text: string): Promise<readonly string[]> => {
  const { diagnostics } = await loadBackup(new SourceFile('backups/shop.yaml', text));
  return diagnostics.map(({ code }) => code);
};

const BUCKET = '{ name: backups, region: eu-west-1, profile: backup }';

const WHOLE = `${HEAD}title: The dump
owner: Ops
checks:
  age: 26h
  size: 0.5
  since: 2026-01-01T00:00:00Z
  warnings: allowed
  tables:
    orders: { rows: 10, share: 0.9, newest: { column: at, within: 1h }, checksum: same }
    Billing.Invoices: { checksum: 0123abcd }
    "my orders": {}
  canaries:
    one: { table: canary, column: content, text: alive }
  queries:
    paid: { sql: select 1 as n, that: "output.rows[0].n == 1", broken: delete from orders }
  application:
    command: [node, app.js, --port, '\${{ port }}']
    env: { DATABASE_URL: '\${{ parts.copy.url }}' }
    ready: { path: /health, timeout: 5s }
    requests:
      orders: { path: /orders, that: output.status == 200 }
`;

describe('the proof of a backup', () => {
  const library = { find: () => Promise.resolve(undefined), ids: () => Promise.resolve([]) };
  const problemsOf = async (backup: Backup): Promise<readonly string[]> => {
    const { diagnostics } = await loadPlaybook(backup.playbook, library);
    return diagnostics.map(({ code, message }) => `${code} ${message}`);
  };

  it.each([
    ['nothing but its place', HEAD],
    ['everything', WHOLE],
    [
      'that it is a base backup',
      'version: 1\nname: shop\nbase: { path: base, wal: wal, database: shop }\nchecks: { age: 26h }\n',
    ],
    [
      'what restores it',
      'version: 1\nname: shop\nbase: { restore: [pgbackrest, --stanza=shop, "--pg1-path={data}", restore], database: shop }\n',
    ],
    [
      'that dumps lie in a bucket',
      `version: 1\nname: shop\ndump: { bucket: ${BUCKET}, prefix: n/, files: "s-*" }\nchecks: { age: 26h }\n`,
    ],
    [
      'that it is the copy of a bucket',
      `version: 1\nname: shop\nbucket: { copy: ${BUCKET}, original: ${BUCKET}, prefix: a/, originalPrefix: b/ }\nchecks: { age: 26h, canaries: { one: { key: c, text: a } } }\n`,
    ],
    [
      'that it is an export of Render',
      'version: 1\nname: shop\nexport: { database: dpg-abc, name: shop, key: { env: RENDER_API_KEY } }\nchecks: { age: 26h }\n',
    ],
  ])(
    'is a playbook in which there is nothing to be warned of, and such a world, where it says %s',
    async (_, text) => {
      const backup = await load(text);
      expect(await problemsOf(backup)).toEqual([]);
      expect(loadWorld(backup.world).diagnostics).toEqual([]);
    },
  );

  it('knows its checks by names that stay, different for tables whose names are alike', async () => {
    const { playbook } = await load(WHOLE);
    const ids = [...playbook.text.matchAll(/- id: (check\w+)/g)].map(([, id]) => id);
    expect(new Set(ids).size).toBe(ids.length);
    expect(ids).toEqual(
      expect.arrayContaining([
        'checkFound',
        'checkSize',
        'checkRowsOrders',
        'checkQueryPaid',
        'checkCanaryOne',
      ]),
    );
    expect(ids.filter((id) => /Orders[0-9a-f]{6}$/.test(id ?? ''))).toHaveLength(1);
  });

  it('shows every check of the copy red, and after the statements of queries all of the rest on emptied tables', async () => {
    const { playbook } = await load(WHOLE);
    const reds = [...playbook.text.matchAll(/- id: (red\w+|emptyCopy|break\w+)/g)].map(([, id]) => id);
    expect(reds.slice(0, 3)).toEqual(['breakQueryPaid', 'redQueryPaid', 'emptyCopy']);
    const checks = [...playbook.text.matchAll(/- id: check(\w+)/g)].map(([, id]) => id);
    const ofBackup = ['Found', 'Age', 'Size', 'Restored', 'Application', 'Untouched'];
    expect(reds.filter((id) => id?.startsWith('red') === true).toSorted()).toEqual(
      checks
        .filter((id) => !ofBackup.includes(id ?? ''))
        .map((id) => `red${id ?? ''}`)
        .toSorted(),
    );
  });

  it('holds no secret and no content of a canary, but its digest', async () => {
    const { playbook } = await load(WHOLE);
    expect(playbook.text).not.toContain('alive');
  });
});

describe('what is wrong in the file of a backup', () => {
  it.each([
    ['DB161', HEAD.replace('name: shop', 'name: store')],
    ['DB162', `${HEAD}checks: { canaries: { one: { table: c, column: c } } }\n`],
    ['DB162', `${HEAD}checks: { canaries: { one: { table: c, column: c, text: a, file: b } } }\n`],
    ['DB165', 'version: 1\nname: shop\n'],
    ['DB165', `${HEAD}base: { path: base, database: shop }\n`],
    ['DB165', 'version: 1\nname: shop\nbase: { path: base, restore: [cp], database: shop }\n'],
    ['DB163', `${HEAD}checks: { canaries: { one: { table: c, column: c, file: none } } }\n`],
    ['DB165', 'version: 1\nname: shop\ndump: { database: shop }\n'],
    ['DB165', `version: 1\nname: shop\ndump: { path: dumps, bucket: ${BUCKET} }\n`],
    ['DB169', `${HEAD}checks: { canaries: { one: { key: c, text: a } } }\n`],
    ['DB169', 'version: 1\nname: shop\ndump: { path: dumps, prefix: nightly/ }\n'],
    [
      'DB169',
      `${HEAD}checks: { application: { command: [app], prefix: a/, requests: { all: { path: /, that: 'true' } } } }\n`,
    ],
    ['DB169', `version: 1\nname: shop\nbucket: { copy: ${BUCKET} }\nchecks: { tables: { orders: {} } }\n`],
    [
      'DB169',
      `version: 1\nname: shop\nbucket: { copy: ${BUCKET} }\nchecks: { canaries: { one: { table: c, column: c, text: a } } }\n`,
    ],
    ['DB170', 'version: 1\nname: shop\nbucket: { copy: { bucket: backups } }\n'],
    ['DB170', 'version: 1\nname: shop\nexport: { database: dpg-abc, key: { secret: rnd_1 } }\n'],
    [
      'DB164',
      `${HEAD}checks:\n  application:\n    command: [app]\n    env: { URL: "\${{ parts.main.url }}" }\n    requests: { all: { path: /, that: output.status == 200 } }\n`,
    ],
    ['DB045', `${HEAD}checks: { queries: { one: { sql: select 1, that: output.count } } }\n`],
    ['DB043', `${HEAD}checks: { queries: { one: { sql: select 1, that: output.row == 1 } } }\n`],
  ])('is told as %s', async (code, text) => {
    expect(await codes(text)).toEqual([code]);
  });
});
