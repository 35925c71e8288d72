import { isValueMap } from '../../base/value.ts';
import { rolesOf } from '../../model/people.ts';
import { nearest } from '../../source/nearest.ts';
import { meant } from '../report.ts';
import { stringOf } from '../syntax/tree.ts';
import type { Tree } from '../syntax/tree.ts';
import type { Unit } from './unit.ts';

/** `by` against the roles of the environment, where there is one that names any. It keeps no recovery from being done. */
export function checkRole(tree: Tree | undefined, { environment, report }: Unit): void {
  const role = stringOf(tree);
  if (tree === undefined || role === undefined || environment === undefined) return;
  const names = rolesOf(environment.data);
  if (names.includes(role) || !(isValueMap(environment.data['roles']) || names.length > 0)) return;
  const near = meant(nearest(role, names));
  report.warning('DB071', tree.span, `The environment "${environment.name}" has no role "${role}"`, {
    hint: near ?? (names.length === 0 ? undefined : `It has ${names.join(', ')}.`),
  });
}
