/** What came from the keyboard: one key, or several characters at once, as a paste sends them. */
export type Stroke =
  { readonly type: 'key'; readonly key: string } | { readonly type: 'pasted'; readonly text: string };

export const CTRL_C = '\u0003';

/** Terminals that know bracketed paste say where a paste begins and ends. */
export const bracketedPaste = (on: boolean): string => `\u001B[?2004${on ? 'h' : 'l'}`;

const PASTE_BEGINS = '\u001B[200~';
const PASTE_ENDS = '\u001B[201~';

/** An escape sequence, else one character. */
const KEYS = /\u001B\[[0-?]*[ -/]*[@-~]|\u001BO[A-Za-z]|[\s\S]/gu;
/** The beginning of a sequence whose end has not come yet. */
const UNFINISHED = /\u001B(?:\[[0-?]*[ -/]*|O)$/;
/** Keys that move or take away: several at once are a key held down, and answer nothing. */
const MOVES = /^(?:\u001B[[O].+|[\u007F\b])$/;

/**
 * Tells keys from pastes in what a terminal sends. Where bracketed paste is not known, a chunk
 * of several characters is a paste, for nobody types two keys at once.
 */
export class Strokes {
  #pasted: string | undefined;
  #unfinished = '';
  /** Escape was given as a key; what comes next may show that a sequence began with it. */
  #escaped = false;

  read(chunk: string): readonly Stroke[] {
    // Whoever presses Ctrl-C is heard, whatever else came with it and even in a paste without an end.
    const isPaste = this.#pasted !== undefined || chunk.includes(PASTE_BEGINS);
    if (chunk === CTRL_C || (!isPaste && chunk.includes(CTRL_C))) {
      this.#pasted = undefined;
      this.#unfinished = '';
      return [{ type: 'key', key: CTRL_C }];
    }
    const known = this.#escaped && /^[[O]/.test(chunk) ? '\u001B' : '';
    this.#escaped = false;
    const strokes: Stroke[] = [];
    this.#take(known + this.#unfinished + chunk, strokes);
    return strokes;
  }

  #take(text: string, strokes: Stroke[]): void {
    this.#unfinished = '';
    if (this.#pasted !== undefined) {
      this.#takePasted(text, strokes);
      return;
    }
    const begin = text.indexOf(PASTE_BEGINS);
    if (begin >= 0) {
      this.#takeKeys(text.slice(0, begin), strokes);
      this.#pasted = '';
      this.#take(text.slice(begin + PASTE_BEGINS.length), strokes);
      return;
    }
    this.#unfinished = UNFINISHED.exec(text)?.[0] ?? '';
    this.#takeKeys(text.slice(0, text.length - this.#unfinished.length), strokes);
  }

  #takePasted(text: string, strokes: Stroke[]): void {
    const pasted = (this.#pasted ?? '') + text;
    const end = pasted.indexOf(PASTE_ENDS);
    if (end < 0) {
      this.#pasted = pasted;
      return;
    }
    strokes.push({ type: 'pasted', text: pasted.slice(0, end) });
    this.#pasted = undefined;
    this.#take(pasted.slice(end + PASTE_ENDS.length), strokes);
  }

  #takeKeys(text: string, strokes: Stroke[]): void {
    const keys = text.match(KEYS) ?? [];
    this.#escaped = keys.at(-1) === '\u001B';
    if (keys.length === 1 || keys.every((key) => MOVES.test(key))) {
      strokes.push(...keys.map((key) => ({ type: 'key', key }) as const));
    } else strokes.push({ type: 'pasted', text });
  }
}
