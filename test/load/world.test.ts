import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { loadWorld } from '../../engine/load/world.ts';
import { SourceFile } from '../../engine/source/file.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'drillbook-test-'));
  writeFileSync(join(folder, 'seed.sql'), 'create table orders (note text);');
});
afterAll(() => rmSync(folder, { recursive: true }));

const SOUND = `version: 1
name: shop
title: The shop on this machine
parts:
  app:
    uses: process
    with:
      command: [python3, app.py, --port, "\${{ port }}"]
      env: { DATABASE_URL: "\${{ parts.db.url }}" }
      ready: { url: "http://127.0.0.1:\${{ port }}/health", timeout: 30s }
  db: { uses: postgres, with: { seed: ./seed.sql, recovery: true } }
  orders:
    uses: writer
    with:
      database: "\${{ parts.db }}"
      sql: insert into orders (note) values ($1)
      find: select note from orders where note = any($1)
environment:
  publicUrl: "\${{ parts.app.url }}"
  databases: { main: "\${{ parts.db }}" }
  application: { health: { path: /health }, tables: { orders: { time: at } } }
  values:
    desk: { url: "\${{ desk.url }}", token: "\${{ desk.token }}" }
`;

const load = (part = '', instead = ''): ReturnType<typeof loadWorld> =>
  loadWorld(new SourceFile(join(folder, 'shop.yaml'), SOUND.replace(part, instead)));

const said = (part: string, instead: string): readonly string[] =>
  load(part, instead).diagnostics.map(({ code, message, hint }) =>
    [code, message, hint].filter(Boolean).join(' | ').replaceAll(folder, '…'),
  );

describe('a world that is sound', () => {
  test('says nothing, and starts each part after those that it names', () => {
    expect(said('', '')).toEqual([]);
    const { value } = load();
    expect(value?.parts.map(({ id }) => id)).toEqual(['db', 'app', 'orders']);
    expect(value).toMatchObject({ name: 'shop', title: 'The shop on this machine', folder });
  });

  test('starts a part after those that it needs without naming them', () => {
    const needs = (ids: string): string => `  orders:\n    uses: writer\n    needs: [${ids}]`;
    const { value } = load('  orders:\n    uses: writer', needs('app'));
    expect(value?.parts.at(-1)).toMatchObject({ id: 'orders', needs: ['app'] });
    expect(load('  db: {', '  db: { needs: [late],').diagnostics.map(({ message }) => message)).toEqual([
      'This world has no part "late"',
    ]);
    expect(said('  orders:\n    uses: writer', needs('ap'))).toEqual([
      'DB209 | This world has no part "ap" | Did you mean "app"?',
    ]);
    expect(said('  db: {', '  db: { needs: [app],')).toEqual([
      expect.stringMatching(/^DB207 .*: app → db → app/),
    ]);
  });

  test('can be what a drill gets that asks for none', () => {
    expect(load().value?.isDefault).toBeUndefined();
    expect(load('parts:', 'default: true\nparts:').value?.isDefault).toBe(true);
    expect(load('parts:', 'default: false\nparts:').value?.isDefault).toBeUndefined();
  });

  test('keeps names apart from texts, to be filled in when the parts are there', () => {
    const app = load().value?.parts.find(({ id }) => id === 'app');
    expect(app?.with).toMatchObject({
      type: 'map',
      members: {
        command: {
          type: 'list',
          items: [
            { value: 'python3' },
            { value: 'app.py' },
            { value: '--port' },
            { type: 'name', name: ['port'] },
          ],
        },
        env: { members: { DATABASE_URL: { type: 'name', name: ['parts', 'db', 'url'] } } },
        ready: {
          members: { url: { type: 'text', pieces: ['http://127.0.0.1:', ['port'], '/health'] } },
        },
      },
    });
  });

  test('knows what can break each part', () => {
    expect(load().value?.parts.map(({ id, faults }) => [id, faults])).toEqual([
      [
        'db',
        [
          'postgres.corrupt-pages',
          'postgres.delete-rows',
          'postgres.drop-table',
          'credential.revoked',
          'network.hang',
        ],
      ],
      ['app', ['network.partition', 'network.slow', 'process.kill', 'process.hang', 'process.deploy-bad']],
      ['orders', []],
    ]);
  });
});

describe('a disk of its own', () => {
  const command = 'command: [python3, app.py, --port, "${{ port }}"]';

  test('is a name in the part and a member of it, and can be full, as a clock of its own can be wrong', () => {
    const { diagnostics, value } = load(
      command,
      'disk: 20MB\n      ownClock: true\n      command: [python3, app.py, "${{ port }}", "${{ disk }}"]',
    );
    expect(diagnostics).toEqual([]);
    const app = value?.parts.find(({ id }) => id === 'app');
    expect(app?.faults).toEqual(expect.arrayContaining(['clock.skew', 'disk.full']));
    expect(app?.faultsWith).toEqual({});
  });

  test('is nothing that a part has, or can be broken by, which is not given one', () => {
    const app = load().value?.parts.find(({ id }) => id === 'app');
    expect(app?.faultsWith).toEqual({ 'clock.skew': 'ownClock', 'disk.full': 'disk' });
    expect(said('"${{ port }}"', '"${{ disk }}"')).toEqual([
      'DB209 | This part has no disk of its own | Give it one, beside this in its with: disk: 200MB. A process, a postgres and a redis can have one.',
    ]);
    expect(said('"${{ parts.app.url }}"', '"${{ disk }}"')).toEqual([
      'DB209 | The environment has no disk of its own | Write the disk of a part: ${{ parts.app.disk }}.',
    ]);
    expect(said('"${{ parts.app.url }}"', '"${{ parts.app.disk }}"')).toEqual([
      expect.stringMatching(/^DB209 \| There is no "disk" of the part "app"/),
    ]);
    expect(said(command, `disk: 20\n      ${command}`)).toEqual([expect.stringMatching(/^DB\d+ \|/)]);
  });
});

describe('a section that a part gives', () => {
  const files = 'parts:\n  files: { uses: s3, with: { buckets: { photos: {} } } }\n';

  test('is a section of the environment as a whole', () => {
    const { diagnostics, value } = loadWorld(
      new SourceFile(
        join(folder, 'shop.yaml'),
        SOUND.replace('parts:\n', files).replace(
          'environment:\n',
          'environment:\n  aws: ${{ parts.files.aws }}\n  buckets: ${{ parts.files.buckets }}\n',
        ),
      ),
    );
    expect(diagnostics).toEqual([]);
    expect(value?.environment).toMatchObject({
      members: { aws: { type: 'name', name: ['parts', 'files', 'aws'] } },
    });
  });

  test('stands nowhere else', () => {
    const wrong = [
      'DB210 | "buckets" of the part "files" is a section of an environment, and cannot stand here | In the environment of this world it is all of its section: buckets: ${{ … }}.',
    ];
    const app = '  other: { uses: process, with: { command: [x, "${{ parts.files.buckets }}"] } }\n';
    expect(said('parts:\n', files + app)).toEqual(wrong);
    const all = files + '  x: { uses: http, with: { answers: [{ path: / }] } }\n';
    expect(said('parts:\n', all.replace('path: /', 'path: "/${{ parts.files.buckets }}"'))).toEqual(wrong);
  });
});

describe('what a part is told', () => {
  test('is held against its kind, as the `with` of a step is', () => {
    expect(said('recovery: true', 'recovered: true')).toEqual([
      'DB020 | There is no key "recovered" here | Did you mean "recovery"?',
    ]);
    expect(said('timeout: 30s', 'timeout: soon')).toEqual([
      'DB024 | "soon" is no duration | Write a number and its unit, the largest first: 30s, 10m, 1h30m.',
    ]);
    expect(said('uses: writer', 'uses: writr')).toEqual([
      'DB206 | There is no part of the kind "writr" | Did you mean "writer"?',
    ]);
  });

  test('names files that are there, seen from the file of the world', () => {
    expect(said('./seed.sql', './sed.sql')).toEqual([
      'DB212 | There is no file ./sed.sql | It is looked for from the folder of this file: …/sed.sql.',
    ]);
    expect(said('./seed.sql', '.')[0]).toMatch(/^DB212 \| There is no file \. /);
  });

  test('names files that are there at any depth', () => {
    const files = 'parts:\n  files: { uses: s3, with: { buckets: { photos: { seed: ./photos } } } }\n';
    expect(said('parts:\n', files)).toEqual([
      'DB212 | There is no folder ./photos | It is looked for from the folder of this file: …/photos.',
    ]);
  });

  test('names other parts, and what they give', () => {
    expect(said('parts.db.url', 'parts.bd.url')).toEqual([
      'DB209 | This world has no part "bd" | Did you mean "db"?',
    ]);
    expect(said('parts.db.url', 'parts.db.uri')).toEqual([
      'DB209 | There is no "uri" of the part "db" | Did you mean "url"?',
    ]);
    expect(said('parts.db.url', 'env.databases.main')).toEqual([
      'DB209 | There is no "env.databases.main" in a world | Here may stand parts, desk, port, disk, and what they have.',
    ]);
  });

  test.each([
    ['no way to write', '{}', 'DB022 | "database", "sql" and "find" are missing'],
    [
      'two ways',
      '{ sql: x, find: x, database: "${{ parts.db }}", request: { url: x } }',
      'DB218 | "request"',
    ],
    ['nowhere to look', '{ request: { url: x } }', 'DB022 | "find" is missing'],
    ['no database for a query', '{ request: { url: x }, find: select }', 'DB022 | "database" is missing'],
    [
      'two places',
      '{ find: { url: x$1 }, request: { url: x }, database: "${{ parts.db }}" }',
      'DB218 | "database"',
    ],
    ['a bucket of nobody', '{ bucket: photos }', 'DB022 | "storage" is missing, which "bucket" needs'],
    ['two bodies', '{ find: { url: x$1 }, request: { url: x, json: 1, bytes: 2 } }', 'DB218 | "json"'],
    ['an address for no key', '{ find: { url: x }, request: { url: x } }', 'DB023 | This does not have'],
  ])('of a writer goes together: %s is refused', (_, args, wrong) => {
    const writer = `  people: { uses: writer, with: ${args} }\n`;
    expect(said('parts:\n', `parts:\n${writer}`)).toEqual([expect.stringContaining(wrong)]);
  });

  test('names a version of PostgreSQL that may be on another machine: where it is not on this one is a warning', () => {
    const { value, diagnostics } = load('recovery: true', 'version: 28');
    expect(diagnostics).toMatchObject([{ code: 'DB219', severity: 'warning' }]);
    expect(value?.parts[0]).toMatchObject({ id: 'db', postgres: 28 });
    expect(said('recovery: true', 'version: 14')).toEqual(['DB023 | This must be >= 15']);
  });

  test('names a unit of a host, and what it gives', () => {
    const host = '  web: { uses: ssh-host, with: { units: { shop: { command: [shop] } } } }\n';
    const asks = (name: string): readonly string[] =>
      said(
        'parts:\n',
        `parts:\n${host}  app2: { uses: process, with: { command: [x, "\${{ parts.web.${name} }}"] } }\n`,
      );
    expect(asks('units.shop.port')).toEqual([]);
    expect(asks('units.shpo.port')).toEqual([
      'DB209 | There is no "shpo" of "units" of the part "web" | Did you mean "shop"?',
    ]);
    expect(asks('units.shop.path')).toEqual([
      'DB209 | There is no "path" of "shop" of "units" of the part "web" | It has port, url.',
    ]);
    expect(asks('units')[0]).toMatch(/^DB210 \| "units" of the part "web" cannot stand here as a whole/);
  });

  test('reckons nothing', () => {
    expect(said('"${{ port }}"]', '"${{ port + 1 }}"]')).toEqual([
      'DB208 | A world only names what its parts give: nothing is reckoned in it | Write one name: ${{ parts.db.url }}. Texts are put together by writing them side by side.',
    ]);
    expect(said('"${{ port }}"]', '"${{ port"]')).toEqual(['DB040 | "${{" without "}}"']);
  });

  test('has a part as a whole where one is used, and nowhere else', () => {
    expect(said('database: "${{ parts.db }}"', 'database: "${{ parts.app }}"')).toEqual([
      'DB210 | The part "app" cannot stand here as a whole | Ask it for port, url, control: ${{ parts.app.control }}.',
    ]);
    expect(said('database: "${{ parts.db }}"', 'database: main')).toEqual([
      'DB213 | Here stands a part as a whole | Write its name and nothing else: ${{ parts.db }}.',
    ]);
    expect(said('"${{ parts.db.url }}"', '"${{ parts.db }}"')[0]).toMatch(/^DB210 /);
  });

  test('lets no parts wait for each other', () => {
    expect(said('parts.db.url', 'parts.app.url')).toEqual([
      'DB207 | The part "app" names itself, and would have to be started before itself | The port of the part itself is ${{ port }}.',
    ]);
    const other = 'other: { uses: process, with: { command: [other, "${{ parts.app.url }}"] } }';
    const both = SOUND.replace('  db:', `  ${other}\n  db:`).replace('parts.db.url', 'parts.other.url');
    const circle = loadWorld(new SourceFile(join(folder, 'shop.yaml'), both));
    expect(circle.diagnostics.map(({ message }) => message)).toEqual([
      'These parts wait for each other, and none can be the first: app → other → app',
    ]);
  });
});

describe('its environment', () => {
  test('is held against the schema of environments, names in it left out', () => {
    expect(said('publicUrl', 'publicUri')).toEqual([
      'DB020 | There is no key "publicUri" here | Did you mean "publicUrl"?',
    ]);
    expect(said('tables: { orders: { time: at } }', 'tables: { orders: {} }')[0]).toMatch(/^DB186 /);
  });

  test('has no name or kind of its own, and reads from no other', () => {
    expect(said('  publicUrl', '  name: shop\n  publicUrl')).toEqual([
      'DB211 | "name" does not stand in the environment of a world: the world gives it: sandbox | Leave it out.',
    ]);
  });

  test('names secrets and holds none', () => {
    expect(said('publicUrl: "${{ parts.app.url }}"', 'publicUrl: "${{ parts.db.url }}"')[0]).toMatch(
      /^DB210 \| "url" of the part "db" is a secret, and would be read here by everybody/,
    );
    expect(said('token: "${{ desk.token }}"', 'token: "Bearer ${{ desk.token }}"')[0]).toMatch(/^DB210 /);
    expect(said('main: "${{ parts.db }}"', 'main: { url: "${{ parts.app.url }}" }')[0]).toMatch(
      /^DB210 \| Here stands a secret, and "url" of the part "app" is none/,
    );
    expect(said('url: "${{ desk.url }}"', 'port: "${{ port }}"')[0]).toMatch(
      /^DB209 \| The environment has no port of its own/,
    );
  });

  test('keeps all digits of its numbers', () => {
    expect(said('values:', 'values:\n    id: 9007199254740993')).toEqual([
      'DB171 | 9007199254740993 would lose digits here | Write it in quotes.',
    ]);
  });
});

test('a world has the name of its file', () => {
  expect(said('name: shop', 'name: shop-2')).toEqual([
    'DB214 | This world is called "shop-2", and its file "shop" | Write name: shop, or give the file the name shop-2.yaml.',
  ]);
});
