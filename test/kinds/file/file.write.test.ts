import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { readJson } from '../../../engine/base/json-text.ts';
import { Instant } from '../../../engine/base/instant.ts';
import type { ValueMap } from '../../../engine/base/value.ts';
import type { StepContext } from '../../../engine/model/kind.ts';
import { failureOf, kindOf, stepRig } from '../../rig/step.ts';

const kind = await kindOf('file.write');
let root: string;
let folder: string;

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'drillbook-test-'));
  folder = join(root, 'run');
  await mkdir(folder);
});
afterEach(() => rm(root, { recursive: true, force: true }));

const context = (): StepContext => {
  const rig = stepRig();
  return { ...rig.context, run: { ...rig.context.run, folder } };
};
const run = (args: ValueMap): Promise<ValueMap> => kind.run(args, context());

test('writes a text into the run’s folder, for nobody else to read, and leaves nothing beside it', async () => {
  const output = await run({ path: 'notes/lost.csv', text: 'id\n1\n' });
  const path = join(folder, 'notes', 'lost.csv');
  expect(output).toMatchObject({ path, bytes: 5, replaced: false });
  expect(await readFile(path, 'utf8')).toBe('id\n1\n');
  expect((await stat(path)).mode & 0o777).toBe(0o600);
  expect(await readdir(join(folder, 'notes'))).toEqual(['lost.csv']);
});

test('writes values as JSON, with permissions as given', async () => {
  const json = { at: Instant.parse('2025-11-01T12:00:00Z') ?? null, big: 9007199254740993n, list: [1, true] };
  await run({ path: 'a.json', json, mode: '0644' });
  const written = await readFile(join(folder, 'a.json'), 'utf8');
  expect(readJson(written)).toEqual({ ...json, at: '2025-11-01T12:00:00.000Z' });
  expect((await stat(join(folder, 'a.json'))).mode & 0o777).toBe(0o644);
});

test('tells whether another content was replaced', async () => {
  expect(await run({ path: 'a', text: 'one' })).toMatchObject({ replaced: false });
  expect(await run({ path: 'a', text: 'one' })).toMatchObject({ replaced: false });
  expect(await run({ path: 'a', text: 'two' })).toMatchObject({ replaced: true });
  expect(await readFile(join(folder, 'a'), 'utf8')).toBe('two');
});

test('outside of the run’s folder it counts as a write', () => {
  for (const path of ['/x', '../x', 'a/../../x']) expect(kind.effect({ path, text: 'x' })).toBe('write');
  for (const path of ['x', 'a/../x', '..x']) expect(kind.effect({ path, text: 'x' })).toBe('none');
});

test('a secret is written only when that is said', async () => {
  process.env['DRILLBOOK_TEST_PASSWORD'] = 's3cret';
  const json = { password: { $ref: 'env', name: 'DRILLBOOK_TEST_PASSWORD' } };
  expect(await failureOf(run({ path: 'a', json }))).toMatchObject({ code: 'usage', changed: 'nothing' });
  const output = await run({ path: 'a', json, secrets: true });
  expect(await readFile(join(folder, 'a'), 'utf8')).toContain('s3cret');
  expect(JSON.stringify(output)).not.toContain('s3cret');
});

describe('after a crash', () => {
  const args = { path: 'a', text: 'x' };
  test('before it was written: not happened', async () => {
    expect(await kind.reconcile?.(args, context())).toEqual({ verdict: 'notHappened' });
  });
  test('after it was written: happened', async () => {
    await run(args);
    expect(await kind.reconcile?.(args, context())).toMatchObject({
      verdict: 'happened',
      output: { bytes: 1 },
    });
  });
});

test('a place that cannot be written to', async () => {
  await writeFile(join(folder, 'file'), '');
  const error = await failureOf(run({ path: 'file/x', text: 'x' }));
  expect(error).toMatchObject({ changed: 'nothing' });
  await mkdir(join(folder, 'folder'));
  const taken = await failureOf(run({ path: 'folder', text: 'x', overwrite: true }));
  expect(taken.message).toContain('it is a folder');
});

test('either a text or JSON', async () => {
  expect(await failureOf(run({ path: 'a' }))).toMatchObject({ code: 'usage' });
  expect(await failureOf(run({ path: 'a', text: 'x', json: {} }))).toMatchObject({ code: 'usage' });
});
