import { ProcessOutput } from 'listr2';
import type { Clock } from '../base/clock.ts';
import { truncate } from '../base/layout.ts';
import type { Event } from '../model/event.ts';
import type { Signal } from '../model/signal.ts';
import { applyEvent } from '../model/fold.ts';
import type { View } from '../model/ports.ts';
import { screenFold } from './fold.ts';
import type { Headline } from './headline.ts';
import { ListrHost } from './listr.ts';
import { Painter } from './painter.ts';
import { PromptFrame, aroundActive, uncoloured } from './prompt/frame.ts';
import { Keyboard } from './prompt/keyboard.ts';
import type { Reading } from './prompt/keyboard.ts';
import type { Prompt } from './prompt/prompt.ts';
import { Wishes } from './prompt/wishes.ts';
import type { ScreenState } from './screen-state.ts';
import { applySignal, initialScreenState } from './screen-state.ts';
import { renderScreen } from './screen.ts';
import type { Line } from './text.ts';
import { fit, line, paintLine } from './text.ts';
import type { Theme } from './theme.ts';
import { createTheme, speaksUnicode } from './theme.ts';

export interface TerminalOptions {
  readonly stdout: NodeJS.WriteStream;
  readonly stderr?: NodeJS.WriteStream;
  readonly stdin?: NodeJS.ReadStream;
  readonly color: boolean;
  /** Asked for each time the screen is drawn. */
  readonly headline: () => Headline;
  /** Ctrl-C while nothing is asked. By default the process sends itself SIGINT, as the terminal would. */
  readonly onInterrupt?: () => void;
  /** What a resumed run did in its earlier lives. */
  readonly history?: readonly Event[];
  /** Decides when a question has been on the screen long enough for a key to be meant for it. */
  readonly clock: Pick<Clock, 'sleep'>;
  /** Whether the terminal shows more than ASCII; by default from the locale. */
  readonly unicode?: boolean;
}

export interface TerminalView extends View {
  readonly theme: Theme;
  /** How many columns a line may have now. */
  readonly columns: number;
  /** How many lines a prompt may take, so that what it is about stays above it. */
  readonly promptHeight: number;
  /** A line from outside the run, such as «pausing at the next safe point»: stays under the headline until the next; '' takes it away. */
  tell(message: string): void;
  /**
   * Shows what a question is about and runs an inquirer prompt below it, while the clock goes on.
   * One at a time. Rejects as inquirer does: on Ctrl-C, and when the signal aborts.
   */
  prompt<Value, Config>(
    panel: (width: number) => readonly Line[],
    prompt: Prompt<Value, Config>,
    config: Config,
    options: { readonly reading: Reading; readonly signal: AbortSignal },
  ): Promise<Value>;
  /** Resolves when the key is pressed twice while nothing is asked; stays open when the signal aborts. `does` says what it does. */
  pressed(key: string, does: string, signal: AbortSignal): Promise<void>;
  /** Leaves the last picture, folded, in the terminal's scrollback, and gives keyboard and cursor back. */
  close(): void;
}

/** Between two pictures at least: 1,000 events a second are drawn ten times. */
const FRAME_MS = 100;
/** A clock that shows seconds, and a spinner that shows life. */
const TICK_MS = 250;
/** Lines of the headline and of what a question is about that stay above a long list to choose from. */
const LEAST_ABOVE = 6;
/** A terminal that does not say its size is treated as the classic one. */
const CLASSIC = { columns: 80, rows: 24 };

/** The live screen. Only for a terminal that can move its cursor (not `TERM=dumb`). */
export function createTerminalView(options: TerminalOptions): TerminalView {
  const screen = new TerminalScreen(options);
  const host = new ListrHost(screen);
  return {
    theme: screen.theme,
    get columns() {
      return screen.columns;
    },
    get promptHeight() {
      return screen.promptHeight;
    },
    event: (event) => screen.event(event),
    signal: (signal) => screen.signal(signal),
    tell: (message) => screen.tell(message),
    pressed: (key, does, signal) => screen.pressed(key, does, signal),
    prompt: async (panel, prompt, config, { reading, signal }) => {
      const frame = screen.open(panel, reading);
      try {
        const context = { input: frame.input, output: frame.output, signal, clearPromptOnDone: true };
        return await host.prompt(prompt, config, context);
      } finally {
        screen.closeQuestion();
      }
    },
    close: () => {
      screen.stop();
      host.end();
    },
  };
}

class TerminalScreen {
  readonly theme: Theme;
  readonly #options: TerminalOptions;
  readonly #output: ProcessOutput;
  readonly #painter: Painter;
  readonly #keyboard: Keyboard;
  #state: ScreenState = initialScreenState;
  #notice: string | undefined;
  #question: { readonly panel: (width: number) => readonly Line[]; readonly frame: PromptFrame } | undefined;
  readonly #wishes = new Wishes();
  #scrolled = 0;
  #scrollable = 0;
  #ticks = 0;
  #ticker: NodeJS.Timeout | undefined;
  #nextFrame: NodeJS.Timeout | undefined;
  #paintedAt = 0;

  constructor(options: TerminalOptions) {
    this.#options = options;
    for (const event of options.history ?? []) this.#state = applyEvent(screenFold, this.#state, event);
    const { stdout, stderr, stdin = process.stdin } = options;
    this.theme = createTheme({
      color: options.color,
      unicode: options.unicode ?? speaksUnicode(process.env),
    });
    // Whatever else writes to the terminal (a warning of Node) is held back until the end.
    this.#output = new ProcessOutput(stdout, stderr);
    this.#painter = new Painter((text) => {
      this.#output.stdout.write(text);
    });
    this.#keyboard = new Keyboard({
      stdin,
      clock: options.clock,
      write: (text) => {
        this.#output.stdout.write(text);
      },
      interrupt: options.onInterrupt ?? (() => process.kill(process.pid, 'SIGINT')),
      suspend: () => {
        this.#suspend();
      },
      scroll: (lines) => {
        this.#scrolled = Math.max(0, Math.min(this.#scrollable, this.#scrolled + lines));
        this.#paint();
      },
      pressed: (key) => {
        this.#wishes.press(key);
        this.#changed();
      },
      heard: () => {
        this.#changed();
      },
    });
  }

  start(): void {
    this.#output.hijack();
    this.#keyboard.start();
    this.#options.stdout.on('resize', this.#onResize);
    process.once('exit', this.#onExit);
    this.#ticker = setInterval(() => {
      this.#ticks += 1;
      this.#paint();
    }, TICK_MS);
    this.#paint();
  }

  stop(): void {
    if (this.#ticker === undefined) return;
    clearInterval(this.#ticker);
    clearTimeout(this.#nextFrame);
    this.#ticker = undefined;
    this.#options.stdout.off('resize', this.#onResize);
    process.off('exit', this.#onExit);
    this.#keyboard.stop();
    this.#painter.clear();
    this.#output.stdout.write(this.#lastPicture());
    this.#output.release();
  }

  event(event: Event): void {
    this.#state = applyEvent(screenFold, this.#state, event);
    this.#changed();
  }

  signal(signal: Signal): void {
    this.#state = applySignal(this.#state, signal);
    this.#changed();
  }

  tell(message: string): void {
    this.#notice = message === '' ? undefined : message;
    this.#changed();
  }

  async pressed(key: string, does: string, signal: AbortSignal): Promise<void> {
    const wish = this.#wishes.offer(key, does, signal);
    this.#changed();
    signal.addEventListener('abort', () => this.#changed(), { once: true });
    await wish;
  }

  open(
    panel: (width: number) => readonly Line[],
    reading: Reading,
  ): { input: NodeJS.ReadableStream; output: PromptFrame } {
    const frame = new PromptFrame(this.#size().columns, () => {
      this.#changed();
    });
    this.#question = { panel, frame };
    this.#scrolled = 0;
    return { input: this.#keyboard.open(reading), output: frame };
  }

  closeQuestion(): void {
    this.#keyboard.close();
    this.#question = undefined;
    this.#changed();
  }

  /** Draws soon: at once when the last picture is old enough, else when it is. */
  #changed(): void {
    if (this.#ticker === undefined || this.#nextFrame !== undefined) return;
    const wait = Math.max(0, this.#paintedAt + FRAME_MS - performance.now());
    this.#nextFrame = setTimeout(() => {
      this.#paint();
    }, wait);
  }

  #paint(): void {
    clearTimeout(this.#nextFrame);
    this.#nextFrame = undefined;
    this.#paintedAt = performance.now();
    const { columns, rows } = this.#size();
    const question = this.#question;
    const prompt = question === undefined ? [] : this.#promptLines(question.frame, columns);
    const screen = renderScreen(this.#state, {
      width: columns,
      height: rows,
      now: Date.now(),
      theme: this.theme,
      headline: this.#options.headline(),
      tick: this.#ticks,
      ...this.#noticed(),
      ...(question !== undefined && {
        question: {
          panel: question.panel(columns),
          scrolled: this.#scrolled,
          promptHeight: prompt.length,
        },
      }),
    });
    this.#scrollable = screen.scrollable;
    const lines = screen.lines.map((each) => paintLine(each, this.theme));
    const cursor = question?.frame.cursor;
    this.#painter.paint(
      [...lines, ...prompt].slice(0, rows),
      cursor && {
        row: Math.min(rows - 1, screen.promptAt + cursor.row),
        column: Math.min(columns, cursor.column),
      },
    );
    if (prompt.some((text) => text !== '')) this.#keyboard.shown();
  }

  /** What has just been said, and which keys do something while nothing is asked. */
  #noticed(): { readonly notice?: string } {
    const said = [this.#notice, this.#question === undefined ? this.#wishes.text : undefined];
    const notice = said.filter((each) => each !== undefined).join(` ${this.theme.symbols.dot} `);
    return notice === '' ? {} : { notice };
  }

  #promptLines(frame: PromptFrame, width: number): readonly string[] {
    return aroundActive(frame.lines, this.promptHeight, this.theme.symbols.open).map((text) => {
      const plain = uncoloured(text);
      const cut = truncate(plain, width, this.theme.symbols.ellipsis);
      if (!this.#options.color) return cut;
      // Dim until it hears: a key that does not count has a reason that can be seen.
      if (!this.#keyboard.isListening) return this.theme.paint('dim', cut);
      return cut === plain ? text : cut;
    });
  }

  /** What stays when the screen goes: what is over, without a limit of height. */
  #lastPicture(): string {
    const { columns: width } = this.#size();
    const { lines } = renderScreen(this.#state, {
      width,
      height: Number.MAX_SAFE_INTEGER,
      now: Date.now(),
      theme: this.theme,
      headline: this.#options.headline(),
      tick: 0,
    });
    return [...lines, line('')]
      .map((each) => `${paintLine(fit(each, width, this.theme.symbols.ellipsis), this.theme)}\n`)
      .join('');
  }

  get columns(): number {
    return this.#size().columns;
  }

  get promptHeight(): number {
    return this.#size().rows - LEAST_ABOVE;
  }

  #size(): { readonly columns: number; readonly rows: number } {
    const { columns, rows } = this.#options.stdout;
    // One column stays free: a line that fills the last one leaves some terminals in doubt where they are.
    return { columns: (columns || CLASSIC.columns) - 1, rows: rows || CLASSIC.rows };
  }

  readonly #onResize = (): void => {
    if (this.#question !== undefined) this.#question.frame.columns = this.#size().columns;
    this.#painter.redraw();
    this.#paint();
  };

  /** However the process ends, the terminal is left usable. */
  readonly #onExit = (): void => {
    this.#keyboard.stop();
    this.#painter.leave();
  };

  /** Ctrl-Z: the terminal belongs to the shell until the process is continued. The run's clocks go on. */
  #suspend(): void {
    this.#keyboard.stop();
    this.#painter.leave();
    process.once('SIGCONT', () => {
      this.#keyboard.start();
      this.#painter.redraw();
      this.#paint();
    });
    process.kill(process.pid, 'SIGTSTP');
  }
}
