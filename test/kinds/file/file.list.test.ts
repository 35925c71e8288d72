import { mkdir, mkdtemp, rm, symlink, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Instant } from '../../../engine/base/instant.ts';
import type { ValueMap } from '../../../engine/base/value.ts';
import { failureOf, kindOf, stepRig } from '../../rig/step.ts';

const kind = await kindOf('file.list');
let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'drillbook-test-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const run = (args: ValueMap): Promise<ValueMap> => {
  const { context } = stepRig();
  return kind.run(args, { ...context, run: { ...context.run, folder } });
};

async function write(name: string, bytes: number, modified: string): Promise<void> {
  await writeFile(join(folder, name), 'x'.repeat(bytes));
  await utimes(join(folder, name), new Date(modified), new Date(modified));
}

const time = (text: string): Instant => Instant.parse(text)!;

test('the files of a folder, the newest first, with name, size and time', async () => {
  await write('b.dump', 20, '2026-11-20T03:00:00Z');
  await write('a.dump', 10, '2026-11-21T03:00:00Z');
  await write('c.dump', 30, '2026-11-19T03:00:00Z');
  expect(await run({ path: folder, max: 2 })).toEqual({
    count: 3,
    bytes: 60,
    newest: time('2026-11-21T03:00:00Z'),
    oldest: time('2026-11-19T03:00:00Z'),
    complete: false,
    files: [
      { path: join(folder, 'a.dump'), name: 'a.dump', size: 10, modified: time('2026-11-21T03:00:00Z') },
      { path: join(folder, 'b.dump'), name: 'b.dump', size: 20, modified: time('2026-11-20T03:00:00Z') },
    ],
  });
});

test('only plain files: no folder, no link that leads nowhere, but the file that a link leads to', async () => {
  await mkdir(join(folder, 'dumps', 'older'), { recursive: true });
  await write('dumps/a.dump', 1, '2026-11-21T03:00:00Z');
  await symlink(join(folder, 'gone'), join(folder, 'dumps', 'broken'));
  await symlink('a.dump', join(folder, 'dumps', 'latest'));
  await symlink('circle', join(folder, 'dumps', 'circle'));
  const { files } = await run({ path: 'dumps' });
  expect((files as ValueMap[]).map(({ name }) => name).sort()).toEqual(['a.dump', 'latest']);
});

test('a single file', async () => {
  await write('a.dump', 7, '2026-11-21T03:00:00Z');
  expect(await run({ path: 'a.dump' })).toMatchObject({
    count: 1,
    bytes: 7,
    complete: true,
    files: [{ name: 'a.dump' }],
  });
});

test('an empty folder has no newest file', async () => {
  expect(await run({ path: '.' })).toEqual({
    count: 0,
    bytes: 0,
    newest: null,
    oldest: null,
    complete: true,
    files: [],
  });
});

test('what is not there, and what is no folder', async () => {
  expect(await failureOf(run({ path: 'missing' }))).toMatchObject({ code: 'noSuchFile', changed: 'nothing' });
  expect(await failureOf(run({ path: '/dev/zero' }))).toMatchObject({ code: 'cannotRead' });
});

test('reads only', () => {
  expect(kind.effect({ path: 'x' })).toBe('read');
  expect(kind.byHand?.({ path: 'a b' }, stepRig().context.environment)).toBe("ls -lt 'a b'");
});
