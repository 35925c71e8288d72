import { Instant } from '../../../base/instant.ts';
import type { ValueMap } from '../../../base/value.ts';
import { nameOf } from '../../context/target.ts';

/*
 * Words for a `with` that may not be resolved yet, as in a plan.
 */

/** `peakops-videos under uploads/`. */
export function bucketPlace(args: ValueMap, key = 'bucket'): string {
  const prefix = args['prefix'];
  return nameOf(args[key]) + (typeof prefix === 'string' && prefix !== '' ? ` under ${prefix}` : '');
}

export function momentText(args: ValueMap, key: string): string {
  const value = args[key];
  return value instanceof Instant ? value.toString() : typeof value === 'string' ? value : '(not known yet)';
}
