import type { OnFailure } from '../../model/failure-rules.ts';
import { nearest } from '../../source/nearest.ts';
import { meant } from '../report.ts';
import { member, stringOf } from '../syntax/tree.ts';
import type { Tree } from '../syntax/tree.ts';
import type { Unit } from './unit.ts';

/** What a step can lead out of: the branches of choices around it, and rounds. */
export interface WaysOut {
  readonly branches: readonly string[];
  readonly repeats: readonly string[];
}

/** The name of a `repeat` around the step. */
export function repeatAt(tree: Tree | undefined, unit: Unit, repeats: readonly string[]): string | undefined {
  const name = stringOf(tree);
  if (tree === undefined || name === undefined || repeats.includes(name)) return name;
  unit.report.error('DB054', tree.span, `There is no repeat "${name}" around this step`, {
    hint: meant(nearest(name, repeats)),
  });
  return name;
}

/** `ask`, `continue`, `abort`, `skip`, `{ branch: name }` of a `choose` around it, or `{ next: name }` of a `repeat`. */
export function onFailureAt(tree: Tree, unit: Unit, { branches, repeats }: WaysOut): OnFailure | undefined {
  const word = stringOf(tree);
  if (word !== undefined) {
    if (isDo(word)) return { do: word };
    unit.report.error('DB023', tree.span, 'This must be ask, continue, abort, skip or { branch: name }', {
      hint: meant(nearest(word, DOS)),
    });
    return undefined;
  }
  const repeat = repeatAt(member(tree, 'next'), unit, repeats);
  if (repeat !== undefined) return { do: 'next', repeat };
  const target = member(tree, 'branch');
  const branch = stringOf(target);
  if (target === undefined || branch === undefined) return undefined;
  if (!branches.includes(branch)) {
    const none = 'No choose stands around this step, so there is no branch to leave for';
    unit.report.error(
      'DB054',
      target.span,
      branches.length === 0 ? none : `There is no branch "${branch}" around this step`,
      {
        hint:
          meant(nearest(branch, branches)) ??
          (branches.length === 0 ? undefined : `There is ${branches.join(', ')}.`),
      },
    );
  }
  return { do: 'branch', branch };
}

const DOS = ['ask', 'continue', 'abort', 'skip'] as const;

const isDo = (word: string): word is (typeof DOS)[number] => (DOS as readonly string[]).includes(word);
