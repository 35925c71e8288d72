import { Duration } from '../../base/duration.ts';
import type {
  Assertion,
  Link,
  OnFailure,
  RpoEvidence,
  RpoObjective,
  Template,
} from '../../model/playbook.ts';
import { nearest } from '../../source/nearest.ts';
import { meant } from '../report.ts';
import { items, member, stringOf } from '../syntax/tree.ts';
import type { Tree } from '../syntax/tree.ts';
import { expressionAt } from './expressions.ts';
import { SHOWN, templateAt } from './templates.ts';
import type { Place, Unit } from './unit.ts';

/** `{ [name]: value }`, or nothing when there is no value: the model has no members that are there and undefined. */
export const optional = <K extends string, V>(name: K, value: V | undefined): { readonly [P in K]?: V } =>
  value === undefined ? {} : ({ [name]: value } as { readonly [P in K]?: V });

/** What a tree is made into, when it is there. */
export const maybe = <T>(tree: Tree | undefined, make: (tree: Tree) => T): T | undefined =>
  tree === undefined ? undefined : make(tree);

/** Milliseconds of a duration. A wrong one has been reported by the check of formats. */
export function millisOf(tree: Tree | undefined): number | undefined {
  const text = stringOf(tree);
  return text === undefined ? undefined : Duration.parse(text)?.millis;
}

export function booleanOf(tree: Tree | undefined): boolean | undefined {
  return tree?.type === 'scalar' && typeof tree.value === 'boolean' ? tree.value : undefined;
}

export function numberOf(tree: Tree | undefined): number | undefined {
  return tree?.type === 'scalar' && typeof tree.value === 'number' ? tree.value : undefined;
}

export const textsOf = (tree: Tree | undefined): readonly string[] =>
  items(tree).flatMap((item) => stringOf(item) ?? []);

export const linksOf = (tree: Tree | undefined): readonly Link[] =>
  items(tree).map((link) => ({
    title: stringOf(member(link, 'title')) ?? '',
    url: stringOf(member(link, 'url')) ?? '',
  }));

/** The RPO of `objectives`. */
export function rpoOf(objectives: Tree | undefined): RpoObjective | undefined {
  const rpo = member(objectives, 'rpo');
  const targetMs = millisOf(member(rpo, 'target'));
  const evidence = (stringOf(member(rpo, 'evidence')) ?? 'heartbeat') as RpoEvidence;
  return targetMs === undefined ? undefined : { targetMs, evidence };
}

/** `{ that, else }`. */
export function assertionAt(tree: Tree, unit: Unit, place: Place): Assertion {
  return {
    that: expressionAt(member(tree, 'that') ?? tree, unit, place, 'condition'),
    ...optional('else', elseOf(tree, unit, place)),
  };
}

export const elseOf = (tree: Tree, unit: Unit, place: Place): Template | undefined =>
  maybe(member(tree, 'else'), (text) => templateAt(text, unit, place, SHOWN));

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
