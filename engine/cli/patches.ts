import type { Improvement } from '../load/improve.ts';
import { shownPath } from './paths.ts';

/** A change of a file as a unified diff, which `git apply` takes. */
export async function patchOf({ file, text }: Improvement): Promise<string> {
  const { createTwoFilesPatch } = await import('diff');
  // A file outside of this folder, as git would name it: a//… is no path.
  const path = shownPath(file.path).replace(/^\//, '');
  const patch = createTwoFilesPatch(`a/${path}`, `b/${path}`, file.text, text, '', '', { context: 2 });
  return patch
    .split('\n')
    .filter((line) => !/^=+$/.test(line))
    .join('\n');
}
