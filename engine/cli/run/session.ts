import type { OpenRun, Store } from '../../journal/store.ts';
import { Redactor } from '../../journal/redact.ts';
import { blinded, isBlind, tellable } from '../../model/blind.ts';
import type { Event } from '../../model/event.ts';
import { listenForInterrupts } from './interrupts.ts';
import type { Interrupts } from './interrupts.ts';
import { makeGood } from './make-good.ts';
import { openScreen } from './screen.ts';
import type { Screen } from './screen.ts';
import { openStore } from './store.ts';

export interface SessionOptions {
  readonly store?: string;
  readonly json?: boolean;
  readonly unattended?: boolean;
  readonly plain?: boolean;
  /** Who performs, as the command line says. */
  readonly operator?: string;
  /** What it is shown on, instead of the terminal or its lines. */
  readonly screen?: Screen;
  /** What stops it, instead of the signals of this process. */
  readonly interrupts?: Interrupts;
  /** A question that nobody is there to answer waits for somebody elsewhere, instead of ending the process. */
  readonly waits?: boolean;
  /** Told each event of this life of the run, once it is durable. */
  readonly onEvent?: (event: Event) => void;
}

/** One process's life in a run: the store it writes to, the screen it shows, the signals it hears. */
export interface Session {
  readonly runId: string;
  readonly store: Store;
  readonly open: OpenRun;
  readonly redactor: Redactor;
  readonly screen: Screen;
  readonly interrupts: Interrupts;
  /** See `SessionOptions`. */
  readonly waits: boolean;
  /** Every event of the run so far, those of earlier lives first. */
  readonly events: readonly Event[];
  /** Tells each further event once it is durable, as far as it may be told. */
  hear(listener: (event: Event) => void): void;
  /** Gives back the screen, the signals and the lock. */
  close(): Promise<void>;
}

/** Opens a run for writing: a new one, or one that is to be resumed. */
export async function openSession(
  runId: string,
  how: 'create' | 'open',
  options: SessionOptions,
): Promise<Session> {
  const redactor = new Redactor();
  const events: Event[] = [];
  const live: { screen?: Screen; hear?: (event: Event) => void } = {};
  const store = await openStore(options.store, {
    redactor,
    onAppend: (event) => {
      events.push(event);
      options.onEvent?.(event);
      const told = isBlind(events) ? blinded(event) : event;
      if (told === undefined) return;
      live.screen?.view.event(told);
      live.hear?.(told);
    },
  });
  await makeGood(store);
  const open = await store[how](runId);
  events.unshift(...open.events);
  const interrupts = untilLost(
    options.interrupts ?? listenForInterrupts((message) => live.screen?.tell(message)),
    open.lost,
  );
  const history = tellable(open.events);
  const screen = options.screen ?? (await openScreen(options, { events, interrupts, history }));
  live.screen = screen;
  return {
    runId,
    store,
    open,
    redactor,
    screen,
    interrupts,
    waits: options.waits === true,
    events,
    hear: (listener) => {
      live.hear = listener;
    },
    close: async () => {
      screen.close();
      interrupts.release();
      await open.close();
    },
  };
}

/** A process that may not write on the run any longer stops its step as well: another one may begin it. */
const untilLost = (interrupts: Interrupts, lost: AbortSignal): Interrupts => ({
  ...interrupts,
  pause: AbortSignal.any([interrupts.pause, lost]),
  stop: AbortSignal.any([interrupts.stop, lost]),
});
