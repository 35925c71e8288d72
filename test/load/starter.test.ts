import { expect, it } from 'vitest';
import { loadEnvironment } from '../../engine/load/environment.ts';
import { folderLibrary } from '../../engine/load/library.ts';
import { loadPlaybook } from '../../engine/load/playbook.ts';
import { starterEnvironment, starterPlaybook, titleOf } from '../../engine/load/starter.ts';
import { SourceFile } from '../../engine/source/file.ts';

const load = (title: string, today = '2026-01-31') =>
  loadPlaybook(
    new SourceFile('api-down.yaml', starterPlaybook({ id: 'api-down', title, schema: 's.json', today })),
    folderLibrary([]),
    { today },
  );

it.each(['Api down', 'yes', 'a: b', '# no comment', '"quoted"', '- item', 'ü'])(
  'keeps the title %j as it was typed',
  async (title) => {
    const { value, diagnostics } = await load(title);
    expect(diagnostics).toEqual([]);
    expect(value?.title).toBe(title);
  },
);

it.each([
  ['2026-01-31', '2026-04-30'],
  ['2026-11-22', '2027-02-22'],
  ['2027-11-30', '2028-02-29'],
])('reviewed on %s, it is due again on %s', async (day, due) => {
  expect((await load('T', day)).value?.nextReview).toBe(due);
});

it('has an environment that gives what it needs', async () => {
  const file = new SourceFile('staging.yaml', starterEnvironment({ id: 'staging', schema: 's.json' }));
  const { value: environment, diagnostics } = await loadEnvironment(file);
  expect(diagnostics).toEqual([]);
  const text = starterPlaybook({ id: 'a', title: 'A', schema: 's.json', today: '2026-01-01' });
  if (environment === undefined) throw new Error('no environment');
  const loaded = await loadPlaybook(new SourceFile('a.yaml', text), folderLibrary([]), { environment });
  expect(loaded.diagnostics).toEqual([]);
});

it('makes a title of a name', () => {
  expect(titleOf('s3-bucket-loss')).toBe('S3 bucket loss');
});

it('names no page of an application that nobody told it: the environment does', () => {
  const text = starterPlaybook({ id: 'a', title: 'A', schema: 's.json', today: '2026-01-01' });
  expect([...text.matchAll(/url: "(.*?)"/g)].map(([, url]) => url)).toEqual([
    '${{ env.services.api.url }}${{ env.application.health.path }}',
  ]);
});
