import { Duration } from '../../base/duration.ts';
import type { LossEnd, RpoEvidence, RpoObjective } from '../../model/objectives.ts';
import type { Input, Link } from '../../model/playbook.ts';
import { entries, items, member, stringOf } from '../syntax/tree.ts';
import type { Tree } from '../syntax/tree.ts';

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

/** What a choice can be, and what each says. */
export const optionsOf = (tree: Tree | undefined): Input['options'] => [
  ...textsOf(tree).map((value) => ({ value, label: value })),
  ...entries(tree).map(({ key, value }) => ({ value: key, label: stringOf(value) ?? key })),
];

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
  const to = stringOf(member(rpo, 'to')) as LossEnd | undefined;
  return targetMs === undefined ? undefined : { targetMs, evidence, ...optional('to', to) };
}
