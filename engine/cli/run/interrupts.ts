/**
 * Ctrl-C once pauses at the next safe point; twice stops the step that runs. A machine that shuts down is
 * heard in the same way. A terminal that is closed pauses and no more, however often it is said (the system
 * and the shell both do): the run goes on with `resume`.
 */
export interface Interrupts {
  readonly pause: AbortSignal;
  readonly stop: AbortSignal;
  /** For prompts, which read Ctrl-C as a key and so get no signal. */
  interrupt(): void;
  /** Gives the signals back to Node. */
  release(): void;
}

const SIGNALS = ['SIGINT', 'SIGTERM'] as const;

export function listenForInterrupts(tell: (message: string) => void): Interrupts {
  const pause = new AbortController();
  const stop = new AbortController();
  const interrupt = (): void => {
    if (!pause.signal.aborted) {
      pause.abort(new Error('interrupted'));
      tell('Pausing at the next safe point; Ctrl-C again stops the step that runs.');
    } else if (!stop.signal.aborted) {
      stop.abort(new Error('stopped'));
      tell('Stopping the step.');
    }
  };
  const hangUp = (): void => {
    if (!pause.signal.aborted) interrupt();
  };
  for (const signal of SIGNALS) process.on(signal, interrupt);
  process.on('SIGHUP', hangUp);
  return {
    pause: pause.signal,
    stop: stop.signal,
    interrupt,
    release: () => {
      for (const signal of SIGNALS) process.off(signal, interrupt);
      process.off('SIGHUP', hangUp);
    },
  };
}
