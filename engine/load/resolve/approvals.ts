import { approversIn } from '../../model/people.ts';
import type { Approvals } from '../../model/approval.ts';
import { items, member } from '../syntax/tree.ts';
import type { Tree } from '../syntax/tree.ts';
import { checkRole } from './roles.ts';
import { millisOf, numberOf, textsOf } from './tree-values.ts';
import type { Unit } from './unit.ts';

/** `approvals` of a gate, held against the people of the environment where there is one: nobody else can give them. */
export function approvalsAt(tree: Tree, unit: Unit): Approvals {
  const of = member(tree, 'of');
  const roles = textsOf(of);
  for (const role of items(of)) checkRole(role, unit);
  const count = numberOf(member(tree, 'count')) ?? 1;
  checkCount(member(tree, 'count') ?? tree, { count, roles }, unit);
  return { count, of: roles, expiresMs: millisOf(member(tree, 'expires')) ?? 0 };
}

function checkCount(
  place: Tree,
  { count, roles }: { readonly count: number; readonly roles: readonly string[] },
  { environment, report }: Unit,
): void {
  // In a sandbox nothing is done in earnest, and so nothing approved.
  if (environment === undefined || environment.kind === 'sandbox') return;
  const people = approversIn(environment.data, roles);
  if (people.length >= count) return;
  const who = people.length === 0 ? 'nobody' : people.map(({ name }) => name).join(', ');
  report.error(
    'DB221',
    place.span,
    `It needs ${String(count)} approvals of ${roles.join(', ')}, and in "${environment.name}" ${who} could give one`,
    { hint: 'Whoever approves is listed under `people`, with one of these roles and a key.' },
  );
}

/** One gate for all items of a loop is bound to no step whose digest could be signed. */
export function refuseInLoop(confirm: Tree, { report }: Unit): void {
  const approvals = member(confirm, 'approvals');
  if (approvals === undefined) return;
  report.error('DB222', approvals.span, 'One gate for all items of a loop cannot be approved', {
    hint: 'Ask for each item: `each: true`. Each approval is for one step and what it is done with.',
  });
}
