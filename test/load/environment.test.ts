import { expect, test } from 'vitest';
import { loadEnvironment } from '../../engine/load/environment.ts';
import { SourceFile } from '../../engine/source/file.ts';

const load = (text: string) => loadEnvironment(new SourceFile('environment.yaml', text));

test('secrets become handles, targets know their paths, the rest is as written', async () => {
  const { value, diagnostics } = await load(`
version: 1
name: staging
kind: staging
policy: { typedNames: write }
render: { key: { env: RENDER_API_KEY }, recovery: { targetableAfter: 10m } }
services:
  api: { name: peakops-api, renderId: srv-1, fingerprint: { renderId: srv-1 } }
databases:
  main: { name: main, url: { env: DB, at: main/url } }
values: { stanza: main, token: { file: /run/token }, big: 9007199254740993 }
`);
  expect(diagnostics).toEqual([]);
  expect(value).toMatchObject({
    name: 'staging',
    kind: 'staging',
    policy: { typedNames: 'write', allowScripts: false },
  });
  expect(value!.data).toEqual({
    version: 1,
    name: 'staging',
    kind: 'staging',
    policy: { typedNames: 'write' },
    render: { key: { $ref: 'env', name: 'RENDER_API_KEY' }, recovery: { targetableAfter: '10m' } },
    services: {
      api: {
        name: 'peakops-api',
        renderId: 'srv-1',
        fingerprint: { renderId: 'srv-1' },
        $target: 'services.api',
      },
    },
    databases: {
      main: { name: 'main', url: { $ref: 'env', name: 'DB', at: 'main/url' }, $target: 'databases.main' },
    },
    values: { stanza: 'main', token: { $ref: 'file', path: '/run/token' }, big: 9007199254740993n },
  });
});

test('a value is a secret where the schema lets one stand, and nowhere else', async () => {
  const { value, diagnostics } = await load(`
version: 1
name: staging
kind: staging
values: { file: /etc/app.conf }
roles: { env: Ada }
contacts: { file: { name: Ada, phone: { file: /run/phone } } }
services: { env: { name: api } }
channels: { mail: { smtp: { host: m, from: a, to: [b], auth: { username: { env: USER }, password: { file: p } } } } }
`);
  expect(diagnostics).toEqual([]);
  expect(value!.data).toMatchObject({
    values: { file: '/etc/app.conf' },
    roles: { env: 'Ada' },
    contacts: { file: { name: 'Ada', phone: { $ref: 'file', path: '/run/phone' } } },
    services: { env: { name: 'api', $target: 'services.env' } },
    channels: { mail: { smtp: { auth: { username: { $ref: 'env' }, password: { $ref: 'file' } } } } },
  });
});

test.each(['{}', '{ at: a/b }', '{ env: A, file: b }'])(
  'a secret that is read from nowhere or from two places is refused: %s',
  async (secret) => {
    const { value, diagnostics } = await load(
      `version: 1\nname: staging\nkind: staging\nrender: { key: ${secret} }\n`,
    );
    expect(value).toBeUndefined();
    expect(diagnostics.map(({ code }) => code)).toEqual(['DB100']);
  },
);

test('an environment that says nothing of its policy gets the strict one', async () => {
  const { value } = await load('version: 1\nname: production\nkind: production\n');
  expect(value!.policy).toEqual({ typedNames: 'destructive', allowScripts: false });
});

test('an environment with an error has no value', async () => {
  const { value, diagnostics } = await load('version: 1\nname: production\nkind: prod\n');
  expect(value).toBeUndefined();
  expect(diagnostics.map(({ code }) => code)).toEqual(['DB023']);
});

test('what the application offers is said by paths and names, and its login holds a secret', async () => {
  const { value, diagnostics } = await load(`
version: 1
name: staging
kind: staging
buckets: { videos: { name: peakops-videos } }
application:
  health: { path: /health }
  login: { path: /login, json: { email: a@example.com, password: { env: PROBE } } }
  tables: { users: {}, billing.invoices: { time: made } }
  worker: { table: pulse, time: at, within: 30s }
  media: { table: videos, column: file, time: made, bucket: videos }
`);
  expect(diagnostics).toEqual([]);
  expect(value!.data['application']).toMatchObject({
    login: { json: { email: 'a@example.com', password: { $ref: 'env', name: 'PROBE' } } },
    tables: { users: {}, 'billing.invoices': { time: 'made' } },
    worker: { within: '30s' },
  });
});

test.each([
  ['health: { path: "https://example.com/health" }, tables: { users: {} }', 'a path, not an address'],
  ['health: { path: /health }, tables: {}', 'no table at all'],
  ['health: { path: /health }, tables: { a.b.c: {} }', 'a name of three parts'],
  ['health: { path: /health }, tables: { users: { at: x } }', 'a key that is none'],
  ['tables: { users: {} }', 'nothing that says that it is up'],
  ['health: { path: /health }, tables: { t: {} }, worker: { table: t, time: at, within: 5 }', 'no duration'],
  [
    'health: { path: /health }, tables: { t: {} }, queue: { redis: broker, names: [celery] }',
    'a queue that is nowhere',
  ],
  [
    'health: { path: /health }, tables: { t: {} }, erasures: [{ table: t, key: id }]',
    'erasures without a log',
  ],
  ['health: { path: /health }, tables: { t: {} }, thirdParties: []', 'nobody else'],
  ['health: { path: /health }, tables: { t: {} }, writers: []', 'nobody who writes'],
  ['health: { path: /health }, tables: { t: {} }, writers: [nightly]', 'a writer that there is not'],
])('an application of %s is refused: %s', async (written) => {
  const { diagnostics } = await load(
    `version: 1\nname: staging\nkind: staging\napplication: { ${written} }\n`,
  );
  expect(diagnostics.filter(({ severity }) => severity === 'error')).not.toEqual([]);
});

test.each([
  ['videos', 'expired', []],
  ['users', 'erasures', []],
  ['videos', 'erasures', ['DB188 Two entries read from erasures what was erased of videos']],
])('erasures of videos, noted in erasures, and of %s, noted in %s', async (table, log, expected) => {
  const { diagnostics } = await load(`
version: 1
name: staging
kind: staging
application:
  health: { path: /health }
  tables: { videos: { time: made } }
  erasures:
    - { table: videos, key: id, log: { table: erasures, id: row, time: at } }
    - { table: ${table}, key: id, log: { table: ${log}, id: row, time: at } }
`);
  expect(diagnostics.map(({ code, message }) => `${code} ${message}`)).toEqual(expected);
});

test.each([
  ['[api, worker, nightly]', []],
  ['[nightly, api]', ['DB187 Of what writes into the database, worker is not named']],
  ['[nightly]', ['DB187 Of what writes into the database, api and worker are not named']],
  ['[api, worker, beat]', ['DB185 There is no "beat" in services of this environment']],
])('writers %s', async (writers, expected) => {
  const { diagnostics } = await load(`
version: 1
name: staging
kind: staging
services: { api: { name: api }, worker: { name: worker }, nightly: { name: nightly } }
application:
  health: { path: /health }
  tables: { inspections: { time: made } }
  writers: ${writers}
`);
  expect(diagnostics.map(({ code, message }) => `${code} ${message}`)).toEqual(expected);
});
