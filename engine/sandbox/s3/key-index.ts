/** Keys in the order of their UTF-8 bytes, to be found by their beginnings. */
export class KeyIndex {
  readonly #keys: string[] = [];

  get size(): number {
    return this.#keys.length;
  }

  at(index: number): string | undefined {
    return this.#keys[index];
  }

  [Symbol.iterator](): ArrayIterator<string> {
    return this.#keys[Symbol.iterator]();
  }

  add(key: string): void {
    const index = this.from(key);
    if (this.#keys[index] !== key) this.#keys.splice(index, 0, key);
  }

  delete(key: string): void {
    const index = this.from(key);
    if (this.#keys[index] === key) this.#keys.splice(index, 1);
  }

  /** Where the first key stands that is this one or comes after it. */
  from(key: string): number {
    return this.#firstWhere((candidate) => compareKeys(candidate, key) >= 0);
  }

  /** Where the first key stands that comes after this one. */
  after(key: string): number {
    return this.#firstWhere((candidate) => compareKeys(candidate, key) > 0);
  }

  /** Where the first key stands that comes after all keys with this beginning. */
  afterPrefix(prefix: string): number {
    return this.#firstWhere(
      (candidate) => !candidate.startsWith(prefix) && compareKeys(candidate, prefix) > 0,
    );
  }

  #firstWhere(holds: (key: string) => boolean): number {
    let low = 0;
    let high = this.#keys.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (holds(this.#keys[middle] ?? '')) high = middle;
      else low = middle + 1;
    }
    return low;
  }
}

/** The order of UTF-8, which is that of code points; the order of UTF-16, JavaScript's own, differs beyond U+D7FF. */
export function compareKeys(left: string, right: string): number {
  const length = Math.min(left.length, right.length);
  for (let index = 0; index < length; index += 1) {
    const a = left.charCodeAt(index);
    const b = right.charCodeAt(index);
    if (a !== b) return rank(a) - rank(b);
  }
  return left.length - right.length;
}

/** Halves of surrogate pairs come after every other code unit. */
const rank = (unit: number): number =>
  unit >= 0xd800 && unit < 0xe000 ? unit + 0x2000 : unit >= 0xe000 ? unit - 0x800 : unit;
