import { describe, expect, test } from 'vitest';
import { loadEnvironment } from '../../engine/load/environment.ts';
import { loadPlaybook } from '../../engine/load/playbook.ts';
import { SourceFile } from '../../engine/source/file.ts';

const PRODUCTION = `
version: 1
name: production
kind: production
render: { key: { env: PRODUCTION_RENDER_KEY } }
databases:
  main: { name: main, url: { env: PRODUCTION_DB }, fingerprint: { host: db, database: app } }
  reports: { name: reports, url: { env: REPORTS_DB }, fingerprint: { host: db, database: reports } }
buckets:
  dumps: { name: dumps, region: us-east-1 }
values:
  dumps: { prefix: main/ }
sources: { elsewhere: { read: [databases.main] } }
`;

const files: Readonly<Record<string, string>> = {
  production: PRODUCTION,
  broken: 'version: 1\nname: broken\n',
};

const load = (sources: string) =>
  loadEnvironment(
    new SourceFile('staging.yaml', `version: 1\nname: staging\nkind: staging\nsources: ${sources}\n`),
    (name) =>
      Promise.resolve(files[name] === undefined ? undefined : new SourceFile(`${name}.yaml`, files[name])),
  );

const said = async (sources: string) =>
  (await load(sources)).diagnostics.map(({ code, message, hint }) => `${code} ${message}. ${hint ?? ''}`);

describe('what is read of another environment', () => {
  test('stands below sources as it stands there, each target with its path from here, and nothing else does', async () => {
    const { value, diagnostics } = await load(
      '{ production: { read: [databases.main, buckets.dumps, values.dumps] } }',
    );
    expect(diagnostics).toEqual([]);
    expect(value!.data['sources']).toEqual({
      production: {
        databases: {
          main: {
            name: 'main',
            url: { $ref: 'env', name: 'PRODUCTION_DB' },
            fingerprint: { host: 'db', database: 'app' },
            $target: 'sources.production.databases.main',
          },
        },
        buckets: {
          dumps: { name: 'dumps', region: 'us-east-1', $target: 'sources.production.buckets.dumps' },
        },
        values: { dumps: { prefix: 'main/' } },
      },
    });
    expect(value!.sources?.['production']?.file.path).toBe('production.yaml');
  });

  test('is known to expressions: what is not to be read is not there', async () => {
    const { value: environment } = await load('{ production: { read: [databases.main] } }');
    const playbook = `version: 1\nid: p\ntitle: P\nsummary: S.\nsteps:
  - uses: postgres.size
    with: { database: "\${{ env.sources.production.databases.main }}" }
  - uses: postgres.size
    with: { database: "\${{ env.sources.production.databases.reports }}" }
  - uses: postgres.size
    with: { database: "\${{ env.sources.production.databases }}" }
`;
    const library = { find: () => Promise.resolve(undefined), ids: () => Promise.resolve([]) };
    const { diagnostics } = await loadPlaybook(new SourceFile('p.yaml', playbook), library, {
      environment: environment!,
    });
    expect(diagnostics.map(({ code, message }) => `${code} ${message}`)).toEqual([
      'DB070 The environment "staging" has no env.sources.production.databases.reports',
      'DB049 This field takes the target itself',
    ]);
  });

  test.each([
    ['{ staging: { read: [databases.main] } }', /^DB195 "staging" is this environment itself/],
    [
      '{ nowhere: { read: [databases.main] } }',
      /^DB196 The environment "nowhere".* is not there\. .*nowhere\.yaml/,
    ],
    [
      '{ broken: { read: [databases.main] } }',
      /^DB196 The environment "broken".* has errors \(broken\.yaml\)/,
    ],
    [
      '{ production: { read: [databases.mian] } }',
      /^DB197 The environment "production" has no databases\.mian\. Did you mean "databases.main"\?/,
    ],
    ['{ production: { read: [databases.main], write: [databases.main] } }', /"write"/],
    ['{ production: { read: [render.key] } }', /^DB197 "render.key" is nothing that can be read/],
    ['{ production: { read: [databases] } }', /^DB197 "databases" is nothing that can be read/],
    ['{ production: { read: [] } }', /^DB023/],
    ['{ production: {} }', /read/],
  ])('%s is refused', async (sources, expected) => {
    const found = await said(sources);
    expect(found).toHaveLength(1);
    expect(found[0]).toMatch(expected);
  });
});
