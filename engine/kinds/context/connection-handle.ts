import type { ValueMap } from '../../base/value.ts';
import { sourceOf } from '../../model/environment.ts';
import type { Handle } from '../../model/handle.ts';
import { isHandle } from '../../model/handle.ts';
import { StepError } from '../../model/kind.ts';
import { findRenderId, nameOf } from './target.ts';

/**
 * The handle of a database's connection string. From outside the provider (`external`) the
 * environment's own `url` counts first; a string for a service inside it (`internal`) can only
 * be had from the provider, where the database is one of its.
 */
export function connectionHandle(target: ValueMap, network: 'internal' | 'external'): Handle {
  const url = target['url'];
  const id = findRenderId(target);
  if (isHandle(url) && (network === 'external' || id === undefined)) return url;
  const source = sourceOf(target);
  if (id !== undefined)
    return { $ref: 'render.postgres', id, network, ...(source !== undefined && { source }) };
  throw new StepError(`the environment does not say how ${nameOf(target)} is reached`, {
    code: 'notConfigured',
    hint: 'Give it "url: { env: … }" or a "renderId".',
  });
}
