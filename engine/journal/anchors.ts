/** So many characters of an anchor decide where it is looked for. */
const WINDOW = 3;

/** Bits of a character that are looked at; anchors are letters and digits of ASCII. */
const BITS = 7;
const MASK = 2 ** (BITS * WINDOW) - 1;

/** Short texts that each stand for something: which of these a text may hold, in a time that hardly depends on how many they are. */
export class Anchors<Owner> {
  readonly #byBegin = new Map<number, { readonly anchor: string; readonly owner: Owner }[]>();
  /** Whether an anchor may begin so, by a part of the same number: nearly always not. */
  readonly #begins = new Uint8Array(2 ** 16);
  readonly #anywhere: Owner[] = [];

  /** An anchor of fewer than three characters is taken to be everywhere. */
  add(anchor: string, owner: Owner): void {
    if (anchor.length < WINDOW) {
      this.#anywhere.push(owner);
      return;
    }
    let begin = 0;
    for (let index = 0; index < WINDOW; index += 1) begin = shifted(begin, anchor, index);
    const alike = this.#byBegin.get(begin);
    if (alike === undefined) this.#byBegin.set(begin, [{ anchor, owner }]);
    else alike.push({ anchor, owner });
    this.#begins[begin & 0xffff] = 1;
  }

  /** Whose anchors stand in a text. */
  ownersIn(text: string): ReadonlySet<Owner> {
    const owners = new Set(this.#anywhere);
    let window = 0;
    for (let index = 0; index < text.length; index += 1) {
      window = shifted(window, text, index);
      if (this.#begins[window & 0xffff] === 0) continue;
      for (const { anchor, owner } of this.#byBegin.get(window) ?? []) {
        if (text.startsWith(anchor, index - WINDOW + 1)) owners.add(owner);
      }
    }
    return owners;
  }
}

/** The number of the last three characters, when one more is read. */
const shifted = (window: number, text: string, index: number): number =>
  ((window << BITS) | (text.charCodeAt(index) & 127)) & MASK;
