/** What was acknowledged against what is really held: rows of a database, objects of a bucket. */
export interface Loss {
  readonly acknowledged: number;
  readonly lost: number;
  /** The newest that was kept from before the first loss, or of all when nothing is lost: milliseconds since the epoch. */
  readonly newestKept?: number;
  /** Milliseconds since the epoch. */
  readonly oldestLost?: number;
  readonly newestLost?: number;
}

/** `all`: what was acknowledged, each with its moment in microseconds since the epoch. */
export function lossOf<T extends { readonly at: number }>(
  all: readonly T[],
  isKept: (one: T) => boolean,
): Loss {
  const entries = all.toSorted((left, right) => left.at - right.at);
  const oldestLost = entries.find((entry) => !isKept(entry));
  const newestLost = entries.findLast((entry) => !isKept(entry));
  const newestKept = entries.findLast((entry) => isKept(entry) && entry.at < (oldestLost?.at ?? Infinity));
  return {
    acknowledged: entries.length,
    lost: entries.filter((entry) => !isKept(entry)).length,
    ...(newestKept !== undefined && { newestKept: newestKept.at / 1000 }),
    ...(oldestLost !== undefined && { oldestLost: oldestLost.at / 1000 }),
    ...(newestLost !== undefined && { newestLost: newestLost.at / 1000 }),
  };
}
