/**
 * Seeded mutations: the same seed and number always give the same mutated input, so that what a
 * torture test finds can be found again. Each case throws dice of its own: `new Dice(SEED, index)`.
 */

/** How many cases: `TORTURE_COUNT` makes a run longer or shorter than its short form. */
export function tortureCount(shortForm: number): number {
  const { TORTURE_COUNT: count } = process.env;
  return count === undefined ? shortForm : Number(count);
}

/** Numbers that look random and follow from the seed alone (mulberry32). */
export class Dice {
  #state: number;

  constructor(seed: number, index = 0) {
    this.#state = (Math.imul(seed, 0x9e3779b1) ^ Math.imul(index + 1, 0x85ebca6b)) >>> 0;
  }

  /** A whole number from 0 to below `end`. */
  below(end: number): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * end);
  }

  /** Once in so many. */
  oneIn(many: number): boolean {
    return this.below(many) === 0;
  }

  pick<T>(items: readonly T[]): T {
    const item = items[this.below(items.length)];
    if (item === undefined) throw new Error('nothing to pick from');
    return item;
  }
}

/** Bytes that parsers trip over more often than over others. */
const HARD_BYTES = Buffer.from('\0\t\n\r "\'\\{}[]()<>:,#&*!|%@`$-?=.0');

type ByteMutation = (bytes: Buffer, at: number, dice: Dice) => Buffer;

const splice = (bytes: Buffer, at: number, gone: number, put: Uint8Array = Buffer.alloc(0)): Buffer =>
  Buffer.concat([bytes.subarray(0, at), put, bytes.subarray(at + gone)]);

/** By name, so that a test may choose among them or tell which one it was. */
export const BYTE_MUTATIONS = {
  flipBit: (bytes, at, dice) => splice(bytes, at, 1, Buffer.of((bytes[at] ?? 0) ^ (1 << dice.below(8)))),
  replaceByte: (bytes, at, dice) => splice(bytes, at, 1, Buffer.of(dice.below(256))),
  insertHardByte: (bytes, at, dice) => splice(bytes, at, 0, Buffer.of(dice.pick([...HARD_BYTES]))),
  remove: (bytes, at, dice) => splice(bytes, at, 1 + dice.below(dice.oneIn(4) ? 200 : 4)),
  repeat: (bytes, at, dice) => {
    const piece = bytes.subarray(at, at + 1 + dice.below(40));
    return splice(bytes, at, 0, Buffer.concat(Array.from({ length: 1 + dice.below(8) }, () => piece)));
  },
  move: (bytes, at, dice) => {
    const piece = bytes.subarray(at, at + 1 + dice.below(80));
    const rest = splice(bytes, at, piece.length);
    return splice(rest, dice.below(rest.length + 1), 0, piece);
  },
  cutOff: (bytes, at) => bytes.subarray(0, at),
} satisfies Record<string, ByteMutation>;

/** The bytes with one to three mutations; never longer than about twice as long. */
export function mutateBytes(bytes: Uint8Array, dice: Dice): Buffer {
  let mutated = Buffer.from(bytes);
  for (let times = 1 + dice.below(3); times > 0; times--) {
    const mutation: ByteMutation = dice.pick(Object.values(BYTE_MUTATIONS));
    mutated = Buffer.from(mutation(mutated, dice.below(mutated.length + 1), dice));
  }
  return mutated;
}
