import { describe, expect, test } from 'vitest';
import { loadEnvironment } from '../../engine/load/environment.ts';
import { sharedFingerprints } from '../../engine/load/fingerprints.ts';
import { SourceFile } from '../../engine/source/file.ts';

async function load(kind: string, targets: string) {
  const text = `version: 1\nname: ${kind}\nkind: ${kind}\n${targets}\n`;
  const { value, diagnostics } = await loadEnvironment(new SourceFile(`${kind}.yaml`, text));
  return { environment: value!, codes: diagnostics.map(({ code }) => code) };
}

const database = (print: string, more = 'url: { env: X }') =>
  `databases: { main: { ${more}, fingerprint: ${print} } }`;

describe('two environments of different kinds share', () => {
  test.each([
    ['a server', database('{ systemIdentifier: "7" }'), database('{ systemIdentifier: "7" }')],
    ['a server, one as a number', database('{ systemIdentifier: 7 }'), database('{ systemIdentifier: "7" }')],
    [
      'a server, of which only one says which database',
      database('{ systemIdentifier: "7", host: a, database: x }'),
      database('{ systemIdentifier: "7" }'),
    ],
    [
      'a database',
      database('{ host: DB.example.com, database: x }'),
      database('{ host: "db.example.com:5432", database: x }'),
    ],
    [
      'an instance at the provider',
      database('{ renderId: dpg-1 }'),
      database('{ renderId: dpg-1, host: a, database: b }'),
    ],
    [
      'a service',
      'services: { api: { fingerprint: { renderId: srv-1 } } }',
      'services: { web: { fingerprint: { renderId: srv-1, workspace: tea-1 } } }',
    ],
    [
      'a bucket',
      'buckets: { a: { name: x, fingerprint: { name: x } } }',
      'buckets: { b: { name: x, fingerprint: { name: x, account: "1" } } }',
    ],
    [
      'a host',
      'hosts: { a: { address: a, hostKey: ssh-ed25519 AAAA } }',
      'hosts: { b: { address: b, hostKey: ssh-ed25519 AAAA } }',
    ],
  ])('%s', async (_, production, staging) => {
    const one = (await load('production', production)).environment;
    const two = (await load('staging', staging)).environment;
    for (const [own, other] of [
      [one, two],
      [two, one],
    ] as const) {
      const [problem, ...more] = sharedFingerprints(own, [other]);
      expect(problem).toMatchObject({ code: 'DB132', severity: 'error' });
      expect(problem?.span?.file).toBe(own.file);
      expect(problem?.related?.[0]?.span.file).toBe(other.file);
      expect(more).toEqual([]);
    }
    expect(sharedFingerprints(one, [{ ...two, kind: 'production' }])).toEqual([]);
  });
});

test.each([
  [
    'databases of one server',
    database('{ systemIdentifier: "7", database: x }'),
    database('{ systemIdentifier: "7", database: y }'),
  ],
  [
    'a copy elsewhere',
    database('{ systemIdentifier: "7", host: a, database: x }'),
    database('{ systemIdentifier: "7", host: b, database: x }'),
  ],
  [
    'ports of one host',
    database('{ host: "a:5432", database: x }'),
    database('{ host: "a:5433", database: x }'),
  ],
  ['instances', database('{ renderId: dpg-1 }'), database('{ renderId: dpg-2 }')],
  [
    'services of one workspace',
    'services: { api: { fingerprint: { workspace: tea-1 } } }',
    'services: { api: { fingerprint: { workspace: tea-1 } } }',
  ],
  [
    'buckets of one name in two accounts',
    'buckets: { a: { fingerprint: { name: x, account: "1" } } }',
    'buckets: { a: { fingerprint: { name: x, account: "2" } } }',
  ],
  [
    'things of different sorts',
    'services: { a: { fingerprint: { renderId: x } } }',
    database('{ renderId: x }'),
  ],
])('%s are told apart', async (_, production, staging) => {
  const one = (await load('production', production)).environment;
  expect(sharedFingerprints(one, [(await load('staging', staging)).environment])).toEqual([]);
});

test.each([
  ['{ systemIdentifier: "7" }', 'url: { env: X }', ['DB131']],
  ['{ systemIdentifier: "7", host: a }', 'url: { env: X }', ['DB131']],
  ['{ systemIdentifier: "7", renderId: dpg-1 }', 'renderId: dpg-1, url: { env: X }', ['DB131']],
  ['{ systemIdentifier: "7", renderId: dpg-1 }', 'renderId: dpg-1', []],
  ['{ host: a, database: x }', 'url: { env: X }', []],
])('of a database with %s and %s is said: %s', async (print, more, expected) => {
  expect((await load('staging', database(print, more))).codes).toEqual(expected);
});

test('one without a fingerprint is a matter of what a drill may write, and no warning', async () => {
  expect((await load('staging', 'databases: { main: { url: { env: X } } }')).codes).toEqual([]);
});
