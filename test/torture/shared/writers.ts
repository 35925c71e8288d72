import { fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import type { Order, Word } from './words.ts';

/** A writer in a process of its own, and what it has said so far. */
export class Writer {
  readonly process: ChildProcess;
  readonly wrote: string[] = [];
  readonly #words: Word[] = [];
  readonly #exited: Promise<unknown>;

  constructor(program: string, order: Order) {
    this.process = fork(program, [JSON.stringify(order)], { execArgv: [] });
    this.#exited = once(this.process, 'exit');
    this.process.on('message', (word: Word) => {
      this.#words.push(word);
      if (word.type === 'wrote') this.wrote.push(word.text);
    });
  }

  /** Waits until it has said this, so many times in all. */
  async said(type: Word['type'], times = 1): Promise<Word> {
    for (;;) {
      const found = this.#words.filter((word) => word.type === type)[times - 1];
      if (found !== undefined) return found;
      await Promise.race([
        once(this.process, 'message'),
        this.#exited.then(() => {
          if (this.#words.filter((word) => word.type === type).length < times)
            throw new Error(`it ended and never said «${type}»: ${JSON.stringify(this.#words.at(-1))}`);
        }),
      ]);
    }
  }

  async kill(signal: 'SIGKILL' | 'SIGTERM' = 'SIGKILL'): Promise<void> {
    this.process.kill(signal);
    // A stopped process dies of SIGKILL all the same.
    await this.#exited;
  }
}
