import type { Clock } from '../../base/clock.ts';
import { oneLine } from '../../base/text.ts';
import type { Asker } from '../ask/asker.ts';
import { createPlainView } from '../plain.ts';
import type { PlainOptions, PlainView } from '../plain.ts';
import { Wishes } from '../prompt/wishes.ts';
import type { Line } from '../text.ts';
import { createLineAsker } from './asker.ts';
import { LineReader } from './reader.ts';

export interface LineViewOptions extends PlainOptions {
  readonly stdin: NodeJS.ReadStream;
  readonly clock: Pick<Clock, 'sleep'>;
  readonly interrupt: () => void;
  /** How wide the terminal is. */
  readonly columns: () => number;
}

export interface LineView extends PlainView {
  /** Resolves when the key and Enter were pressed while nothing is asked. */
  pressed(key: string, does: string, signal: AbortSignal): Promise<void>;
  /** Says what a question is about, and asks in lines below it. */
  asker(facts: (width: number) => readonly Line[], signal: AbortSignal): Asker;
}

/** A run in lines whose questions a person answers in lines: for screen readers and terminals that cannot move their cursor. */
export function createLineView(options: LineViewOptions): LineView {
  const view = createPlainView(options);
  const say = (text: string): void => options.write(text);
  const wishes = new Wishes();
  const reader = new LineReader({
    ...options,
    unasked: (lines) => {
      const [only = ''] = lines;
      const wished = lines.length === 1 && wishes.grant(only.trim());
      if (wished) return;
      for (const each of lines) {
        if (each.trim() !== '') say(`Not taken, as no question stood here before it: ${oneLine(each)}`);
      }
    },
  });
  reader.start();
  return {
    ...view,
    pressed: (key, does, signal) => {
      say(`(${key}, then Enter: ${does})`);
      return wishes.offer(key, does, signal);
    },
    asker: (facts, signal) => {
      view.block(facts(options.columns()));
      return createLineAsker({ theme: view.theme, say, read: (how) => reader.read(signal, how) });
    },
    close: () => {
      reader.stop();
      view.close();
    },
  };
}
