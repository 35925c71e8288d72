import { writeFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { fileError } from '../../../engine/kinds/machine/errors.ts';

const errorOf = (path: string): Promise<unknown> =>
  writeFile(path, 'x').then(
    () => undefined,
    (error: unknown) => error,
  );

test('a disk that is full: what happened, and what to do', async () => {
  const error = fileError(await errorOf('/dev/full'), 'dump', { doing: 'write', changed: 'something' });
  expect(error).toMatchObject({
    code: 'diskFull',
    changed: 'something',
    message: 'dump cannot be written: the disk is full',
  });
  expect(error?.hint).toContain('Free space');
});

test('a folder that is not there', async () => {
  const error = fileError(await errorOf('/nonexistent/file'), '/nonexistent/file', { doing: 'write' });
  expect(error).toMatchObject({ code: 'noSuchFile', changed: 'nothing' });
});

test('what is no error of a file is not made one', () => {
  expect(fileError(new Error('else'), 'dump', { doing: 'read' })).toBeUndefined();
});
