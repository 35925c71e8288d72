import { createHash } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { ValueMap } from '../../../engine/base/value.ts';
import { failureOf, kindOf, stepRig } from '../../rig/step.ts';

const kind = await kindOf('file.read');
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'drillbook-test-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const run = (args: ValueMap): Promise<ValueMap> => {
  const { context } = stepRig();
  return kind.run(args, { ...context, run: { ...context.run, folder } });
};

test('a text of the run’s folder, with its checksum', async () => {
  await writeFile(join(folder, 'a.txt'), 'one\ntwo\n');
  expect(await run({ path: 'a.txt' })).toMatchObject({
    path: join(folder, 'a.txt'),
    text: 'one\ntwo\n',
    bytes: 8,
    sha256: createHash('sha256').update('one\ntwo\n').digest('hex'),
    truncated: false,
  });
  expect(await run({ path: join(folder, 'a.txt'), as: 'lines' })).toMatchObject({ lines: ['one', 'two'] });
});

test('JSON', async () => {
  await writeFile(join(folder, 'a.json'), '{"a": [1]}');
  expect(await run({ path: 'a.json', as: 'json' })).toMatchObject({ json: { a: [1] } });
});

test('an empty file has no lines, and is no JSON', async () => {
  await writeFile(join(folder, 'empty'), '');
  expect(await run({ path: 'empty', as: 'lines' })).toMatchObject({ lines: [], bytes: 0 });
  const error = await failureOf(run({ path: 'empty', as: 'json' }));
  expect(error).toMatchObject({ code: 'notJson', hint: 'The file is empty.' });
});

test('of a long one the first MiB, and the checksum of all of it', async () => {
  const long = 'x'.repeat(1024 * 1024 + 5);
  await writeFile(join(folder, 'long'), long);
  const output = await run({ path: 'long' });
  expect(output).toMatchObject({ bytes: long.length, truncated: true });
  expect(output['text']).toHaveLength(1024 * 1024);
  expect(output['sha256']).toBe(createHash('sha256').update(long).digest('hex'));
  expect(await failureOf(run({ path: 'long', as: 'lines' }))).toMatchObject({ code: 'tooLarge' });
});

test('what is not there, and what is no file', async () => {
  expect(await failureOf(run({ path: 'missing' }))).toMatchObject({ code: 'noSuchFile', changed: 'nothing' });
  expect(await failureOf(run({ path: '.' }))).toMatchObject({ changed: 'nothing' });
  expect(await failureOf(run({ path: '/dev/zero' }))).toMatchObject({ code: 'cannotRead' });
});

test('reads only', () => {
  expect(kind.effect({ path: 'x' })).toBe('read');
  expect(kind.byHand?.({ path: 'a b' }, stepRig().context.environment)).toBe("cat 'a b'");
});
