import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { loadEnvironment } from '../../engine/load/environment.ts';
import { loadMonitors } from '../../engine/load/monitors.ts';
import { SourceFile } from '../../engine/source/file.ts';

const environment = await loadEnvironment(
  new SourceFile(
    'staging.yaml',
    `version: 1
name: staging
kind: staging
buckets: { dumps: { name: peakops-dumps, region: us-east-1 } }
channels: { ops: { console: true } }
`,
  ),
);

const SHIPPED = new URL('../../playbooks/', import.meta.url);

const SOUND = `version: 1
environment: staging
backups:
  dumps:
    title: Dumps in S3
    uses: s3.list
    with: { bucket: "\${{ env.buckets.dumps }}", order: newest }
    found: "output.objects.map(o, {'at': o.modified, 'bytes': o.size, 'ok': o.modified < now})"
alerts:
  old: { title: Old, of: dumps, when: { olderThan: 48h }, severity: critical, channels: [ops] }
`;

/** What is said of the monitors when one part of them is written otherwise. */
async function said(part: string, instead: string, known = environment.value): Promise<readonly string[]> {
  const file = new SourceFile('monitors.yaml', SOUND.replace(part, instead));
  const loaded = await loadMonitors(file, { names: ['staging'], find: () => Promise.resolve(known) });
  return loaded.diagnostics.map(({ code, message, hint }) => [code, message, hint].filter(Boolean).join(' '));
}

test('monitors that fit their environment are sound', async () => {
  expect(await said('', '')).toEqual([]);
});

test.each(readdirSync(new URL('environments/', SHIPPED)))(
  'the shipped ones fit the shipped %s',
  async (file) => {
    const text = (at: string): string => readFileSync(new URL(at, SHIPPED), 'utf8');
    const source = (name: string): SourceFile => new SourceFile(name, text(`environments/${name}`));
    const { value } = await loadEnvironment(source(file), (name) => Promise.resolve(source(`${name}.yaml`)));
    expect(value?.name).toBe(file.replace('.yaml', ''));
    const monitors = new SourceFile('monitors.yaml', text('monitors.yaml'));
    const loaded = await loadMonitors(monitors, {
      names: ['production', 'staging'],
      find: () => Promise.resolve(value),
    });
    expect(loaded.diagnostics).toEqual([]);
  },
);

test('what the environment does not have is told before it is looked at', async () => {
  expect(await said('env.buckets.dumps', 'env.buckets.dump')).toEqual([
    'DB070 The environment "staging" has no env.buckets.dump Did you mean "dumps"?',
  ]);
  expect(await said('[ops]', '[ops, mial]')).toEqual([
    'DB085 The environment "staging" has no channel "mial" It has ops.',
  ]);
});

test('where the environment is known only while it runs, as the sandbox, what it has is not asked', async () => {
  const find = (): Promise<undefined> => Promise.resolve(undefined);
  const file = new SourceFile('monitors.yaml', SOUND.replace('dumps }}', 'other }}').replace('ops', 'any'));
  expect((await loadMonitors(file, { names: ['staging'], find })).diagnostics).toEqual([]);
});

test('a `with` is held against its kind, and `found` against what the kind gives', async () => {
  expect(await said('order: newest', 'order: newst')).toEqual([
    'DB023 This must be key or newest Did you mean "newest"?',
  ]);
  expect(await said('"${{ env.buckets.dumps }}"', '"${{ env.buckets.dumps.name }}"')).toEqual([
    expect.stringMatching(/^DB049 /),
  ]);
  expect(await said('output.objects', 'output.objcts')).toEqual([
    'DB043 The output has no "objcts" Did you mean "objects"?',
  ]);
});

test('there is no run in a monitor, so nothing is known of one', async () => {
  expect(await said('o.modified < now', 'o.key != run.id')).toEqual([
    expect.stringMatching(/^DB042 .*"run"/),
  ]);
  expect(await said('o.modified < now', 'o.key != steps.a.output.key')).toEqual([
    expect.stringMatching(/^DB042 /),
  ]);
  expect(await said('order: newest', 'prefix: "${{ output.prefix }}"')).toEqual([
    expect.stringMatching(/^DB042 /),
  ]);
});
