import { crc32 } from 'node:zlib';
import { Dice } from './mutation.ts';
import { SEED } from './seed.ts';

/**
 * One item in so many, evenly spread: `DRILLBOOK_SEED` draws the first, so that each has its turn in the end. Lists
 * have names of their own, lest the same ones be taken from all.
 */
export function aShare<T>(oneIn: number, list: string, items: readonly T[]): readonly T[] {
  const first = new Dice(SEED, crc32(list)).below(oneIn);
  return items.filter((_, index) => index % oneIn === first);
}
