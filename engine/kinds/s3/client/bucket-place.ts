import type { Target } from '../../../model/environment.ts';
import { nameOf } from '../../context/target.ts';

/** `shop-videos under uploads/`. */
export const bucketPlace = ({
  bucket,
  prefix = '',
}: {
  readonly bucket: Target;
  readonly prefix?: string;
}): string => nameOf(bucket) + (prefix === '' ? '' : ` under ${prefix}`);
