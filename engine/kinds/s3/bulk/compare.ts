import { compareKeys } from '../client/list.ts';

/** Joins two streams that are in key order. */
export async function* joinByKey<A extends { readonly key: string }, B extends { readonly key: string }>(
  left: AsyncIterable<A>,
  right: AsyncIterable<B>,
): AsyncGenerator<{ readonly left: A | undefined; readonly right: B | undefined }, void, void> {
  const lefts = left[Symbol.asyncIterator]();
  const rights = right[Symbol.asyncIterator]();
  try {
    let [a, b] = await Promise.all([next(lefts), next(rights)]);
    while (a !== undefined || b !== undefined) {
      const order = a === undefined ? 1 : b === undefined ? -1 : compareKeys(a.key, b.key);
      yield { left: order <= 0 ? a : undefined, right: order >= 0 ? b : undefined };
      const [takeLeft, takeRight] = [order <= 0, order >= 0];
      [a, b] = await Promise.all([takeLeft ? next(lefts) : a, takeRight ? next(rights) : b]);
    }
  } finally {
    await Promise.all([lefts.return?.(), rights.return?.()]);
  }
}

async function next<T>(iterator: AsyncIterator<T>): Promise<T | undefined> {
  const result = await iterator.next();
  return result.done === true ? undefined : result.value;
}
