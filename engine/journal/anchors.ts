/** So many characters of an anchor decide where it is looked for. */
const WINDOW = 3;

/** Bits of a character that are looked at; anchors are letters and digits of ASCII. */
const BITS = 7;
const MASK = 2 ** (BITS * WINDOW) - 1;

/** Whether a text holds one of many short texts, in a time that hardly depends on how many they are. */
export class Anchors {
  readonly #byBegin = new Map<number, string[]>();
  /** Whether an anchor may begin so, by a part of the same number: nearly always not. */
  readonly #begins = new Uint8Array(2 ** 16);
  #isAnywhere = false;

  /** An anchor of fewer than three characters is taken to be everywhere. */
  constructor(anchors: Iterable<string>) {
    for (const anchor of new Set(anchors)) {
      if (anchor.length < WINDOW) this.#isAnywhere = true;
      let begin = 0;
      for (let index = 0; index < WINDOW; index += 1) begin = shifted(begin, anchor, index);
      const alike = this.#byBegin.get(begin);
      if (alike === undefined) this.#byBegin.set(begin, [anchor]);
      else alike.push(anchor);
      this.#begins[begin & 0xffff] = 1;
    }
  }

  areIn(text: string): boolean {
    if (this.#isAnywhere) return true;
    let window = 0;
    for (let index = 0; index < text.length; index += 1) {
      window = shifted(window, text, index);
      if (this.#begins[window & 0xffff] === 0) continue;
      const alike = this.#byBegin.get(window);
      if (alike?.some((anchor) => text.startsWith(anchor, index - WINDOW + 1)) === true) return true;
    }
    return false;
  }
}

/** The number of the last three characters, when one more is read. */
const shifted = (window: number, text: string, index: number): number =>
  ((window << BITS) | (text.charCodeAt(index) & 127)) & MASK;
