import { PassThrough } from 'node:stream';
import type { Clock } from '../../base/clock.ts';
import { CTRL_C, Strokes, bracketedPaste } from './strokes.ts';
import type { Stroke } from './strokes.ts';

const CTRL_Z = '\u001A';
const ENTER = /^[\r\n]$/;
/** Arrows and the like: they answer nothing, so they need not stand alone. */
const MOVES = /^\u001B[[O]/;

/** Shorter than anybody reads, longer than the second tap of a key that was meant for the question before. */
const SETTLE_MS = 250;
/** Longer than it takes a key that is held down to repeat: the press that answered one question answers no second one. */
const HELD_MS = 1000;
/** Keys that follow each other faster were typed by no person. */
const ALONE_MS = 60;
/** Of one paste; it is shown letter by letter. */
const LONGEST_PASTE = 8192;

export interface KeyboardOptions {
  readonly stdin: NodeJS.ReadStream;
  readonly clock: Pick<Clock, 'sleep'>;
  /** Writes to the terminal how it is to send its keys. */
  readonly write: (text: string) => void;
  /** Ctrl-C while no prompt is open. */
  readonly interrupt: () => void;
  readonly suspend: () => void;
  /** A key that scrolls the question, in lines. */
  readonly scroll: (lines: number) => void;
  /** Any other key while no prompt is open. */
  readonly pressed: (key: string) => void;
  /** A prompt begins to hear. */
  readonly heard: () => void;
}

/** What a prompt takes: one key that answers, or a text that Enter ends. */
export type Reading = 'key' | 'text';

interface OpenPrompt {
  readonly input: PassThrough;
  readonly reading: Reading;
  /** Keys before it was seen, and for a moment after, were meant for something else. */
  hears: 'nothing' | 'other keys' | 'all';
  /** Ends the wait for silence. */
  silence: AbortController | undefined;
}

const PAGE = 8;
const SCROLL_KEYS: Readonly<Record<string, number>> = { '\u001B[5~': -PAGE, '\u001B[6~': PAGE };

/**
 * Holds the keyboard as long as the screen lives. Keys pressed while nothing is asked are
 * dropped: echoed they would tear the screen, and kept they would answer a gate that its
 * operator has not read. A key answers only what was on the screen in silence before it, and
 * only when it stands alone: a paste, a held key and what was typed ahead answer nothing.
 */
export class Keyboard {
  readonly #options: KeyboardOptions;
  readonly #strokes = new Strokes();
  #prompt: OpenPrompt | undefined;
  /** The last key that a prompt was given. */
  #given = '';
  /** Something came a moment ago. */
  #recent: AbortController | undefined;

  constructor(options: KeyboardOptions) {
    this.#options = options;
  }

  start(): void {
    const { stdin, write } = this.#options;
    setRaw(stdin, true);
    write(bracketedPaste(true));
    stdin.on('data', this.#onData);
    stdin.resume();
    // Whoever comes back from a shell has typed there.
    if (this.#prompt?.silence !== undefined) this.#settle(this.#prompt);
  }

  stop(): void {
    const { stdin, write } = this.#options;
    stdin.off('data', this.#onData);
    write(bracketedPaste(false));
    setRaw(stdin, false);
    stdin.pause();
  }

  /** What a prompt reads from, until it is closed. It hears nothing before it was shown. */
  open(reading: Reading): PassThrough {
    const input = new PassThrough();
    this.#prompt = { input, reading, hears: 'nothing', silence: undefined };
    return input;
  }

  /** The prompt is on the screen. */
  shown(): void {
    if (this.#prompt !== undefined && this.#prompt.silence === undefined) this.#settle(this.#prompt);
  }

  get isListening(): boolean {
    return this.#prompt !== undefined && this.#prompt.hears !== 'nothing';
  }

  close(): void {
    this.#prompt?.silence?.abort();
    this.#prompt = undefined;
  }

  /** Hears nothing until there was silence for a while. */
  #settle(prompt: OpenPrompt): void {
    prompt.silence?.abort();
    const silence = new AbortController();
    prompt.silence = silence;
    prompt.hears = 'nothing';
    this.#afterSilence(SETTLE_MS, silence.signal, () => {
      prompt.hears = 'other keys';
      this.#options.heard();
    });
    this.#afterSilence(HELD_MS, silence.signal, () => {
      prompt.hears = 'all';
    });
  }

  /** Keys that came while the process was busy are read before it counts as silence. */
  #afterSilence(millis: number, signal: AbortSignal, then: () => void): void {
    void this.#options.clock.sleep(millis, signal).then(() =>
      setImmediate(() => {
        if (!signal.aborted) then();
      }),
    );
  }

  readonly #onData = (data: Buffer | string): void => {
    for (const stroke of this.#strokes.read(data.toString())) this.#take(stroke);
  };

  #take(stroke: Stroke): void {
    const { scroll, suspend } = this.#options;
    const key = stroke.type === 'key' ? stroke.key : '';
    const lines = SCROLL_KEYS[key];
    if (key === CTRL_Z) suspend();
    else if (key === CTRL_C) this.#interrupt();
    else if (lines !== undefined) scroll(lines);
    else {
      const before = this.#recent;
      before?.abort();
      const recent = new AbortController();
      this.#recent = recent;
      this.#afterSilence(ALONE_MS, recent.signal, () => {
        this.#recent = undefined;
      });
      if (this.#prompt?.reading === 'text') this.#type(this.#prompt, stroke, before === undefined);
      else if (stroke.type === 'key') this.#press(key, before === undefined, recent.signal);
      else if (this.#prompt !== undefined) this.#startle(this.#prompt);
    }
  }

  #interrupt(): void {
    if (this.#prompt === undefined) this.#options.interrupt();
    else this.#prompt.input.write(CTRL_C);
  }

  /** A key counts that nothing came right before and nothing comes right after. */
  #press(key: string, isFirst: boolean, next: AbortSignal): void {
    const prompt = this.#prompt;
    const counts = prompt === undefined || this.#counts(prompt, key);
    if (counts && MOVES.test(key)) prompt?.input.write(key);
    else if (counts && isFirst) {
      this.#afterSilence(ALONE_MS, next, () => {
        if (this.#prompt !== prompt) return;
        if (prompt === undefined) this.#options.pressed(key);
        else this.#give(prompt, key);
      });
    } else if (prompt !== undefined) this.#startle(prompt);
  }

  /** Letters harm nothing before Enter. Enter counts like each key that answers. */
  #type(prompt: OpenPrompt, stroke: Stroke, isFirst: boolean): void {
    if (stroke.type === 'pasted') {
      prompt.input.write(onOneLine(stroke.text));
      hearAll(prompt);
    } else if (!ENTER.test(stroke.key)) {
      this.#give(prompt, stroke.key);
      hearAll(prompt);
    } else if (isFirst && this.#counts(prompt, stroke.key)) this.#give(prompt, stroke.key);
    else this.#startle(prompt);
  }

  #counts(prompt: OpenPrompt, key: string): boolean {
    return prompt.hears === 'all' || (prompt.hears === 'other keys' && key !== this.#given);
  }

  #give(prompt: OpenPrompt, key: string): void {
    this.#given = key;
    prompt.input.write(key);
  }

  /** A key that does not count begins the silence anew, unless the prompt has been heard before. */
  #startle(prompt: OpenPrompt): void {
    if (prompt.hears !== 'all' && prompt.silence !== undefined) this.#settle(prompt);
  }
}

/** Something was typed here: this is what is being answered. */
function hearAll(prompt: OpenPrompt): void {
  prompt.silence?.abort();
  prompt.hears = 'all';
}

/** A pasted text as it can stand in a line: its line ends do not end the answer. */
const onOneLine = (text: string): string =>
  text
    .slice(0, LONGEST_PASTE)
    .replace(/[\r\n]+$/, '')
    // Control characters would be keys.
    .replaceAll(/[\u0000-\u001F\u007F-\u009F]+/g, ' ');

function setRaw(stdin: NodeJS.ReadStream, raw: boolean): void {
  if (stdin.isTTY) stdin.setRawMode(raw);
}
