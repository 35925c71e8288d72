import type { JsonObject } from '../../base/json.ts';
import type { BackupCheck, Limits } from './check.ts';
import { FOUND, SHARE, celText, lastOf, percent } from './check.ts';

/**
 * That a backup is not older than is permitted; none where nothing is. `takenAt`: a time, as an expression, which can be
 * asked for `when` that holds.
 */
export function ageCheck(
  { age: within }: Limits,
  takenAt: string,
  what: string,
  when = FOUND,
): readonly BackupCheck[] {
  if (within === undefined) return [];
  return [
    {
      id: 'Age',
      title: `It is not older than ${within}`,
      uses: 'assert',
      with: {},
      when,
      that: `now - ${takenAt} <= duration(${celText(within)})`,
      else: `It was ${what} at \${{ ${takenAt} }}, more than ${within} ago`,
      reading: `${what} at \${{ ${takenAt} }}`,
    },
  ];
}

/** That a backup has not shrunk. `bytes`: where they stand in the output of `asked`. */
export function sizeCheck(
  { size: share = SHARE, since }: Limits,
  asked: { readonly uses: string; readonly with: JsonObject },
  bytes: string,
): BackupCheck {
  const { known, last } = lastOf('Size', since);
  const [now, before] = [`output.${bytes}`, `${last}.${bytes}`];
  return {
    id: 'Size',
    title: `It has ${percent(share)} of its size when it was proven last, or more`,
    ...asked,
    when: FOUND,
    that: `!${known} || double(${now}) >= ${share.toFixed(4)} * double(${before})`,
    else: `It has \${{ ${now} }} bytes, and had \${{ ${before} }} when it was proven last`,
    reading: `\${{ ${now} }} bytes, \${{ ${known} ? "and " + string(${before}) + " when it was proven last" : "nothing to compare with yet" }}`,
    recalls: true,
  };
}
