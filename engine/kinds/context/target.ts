import type { Value, ValueMap } from '../../base/value.ts';
import { isValueMap } from '../../base/value.ts';
import type { TargetGroup, TargetUse } from '../../model/environment.ts';
import type { Effect } from '../../model/playbook.ts';
import { StepError } from '../../model/kind.ts';

/** What a step touches, from the entry or the handle that stands in its `with`. */
export function targetUse(
  group: TargetGroup,
  target: ValueMap,
  effect: Effect,
  by?: TargetUse['by'],
): TargetUse {
  const path = target['$target'];
  return {
    group,
    target,
    effect,
    ...(typeof path === 'string' && { path }),
    ...(by !== undefined && { by }),
  };
}

/** What people call a target: its name, else its place in the environment, else the provider's id. */
export function nameOf(target: Value | undefined): string {
  if (typeof target === 'string') return target;
  if (!isValueMap(target)) return '(not known yet)';
  for (const key of ['name', '$target', 'renderId', 'id']) {
    const name = target[key];
    if (typeof name === 'string') return name;
  }
  return '(without a name)';
}

/** Render's id of a target: `renderId` of an entry, `id` of a thing that a step created. */
export function findRenderId(target: ValueMap): string | undefined {
  const id = target['$ref'] === 'render.postgres' ? target['id'] : target['renderId'];
  return typeof id === 'string' ? id : undefined;
}

/** A service that no provider keeps: all that is known of it is where it answers. */
export const isAddressAlone = (service: ValueMap): boolean =>
  findRenderId(service) === undefined && service['fingerprint'] === undefined && service['url'] !== undefined;

/** Throws `StepError` when the environment does not say which thing at Render it is. */
export function renderIdOf(target: ValueMap): string {
  const id = findRenderId(target);
  if (id !== undefined) return id;
  throw new StepError(`the environment does not say which thing at Render ${nameOf(target)} is`, {
    code: 'notConfigured',
    hint: `Add its "renderId" to the environment${whereIs(target)}.`,
  });
}

const whereIs = (target: ValueMap): string =>
  typeof target['$target'] === 'string' ? ` at ${target['$target']}` : '';
