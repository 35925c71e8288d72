import { HandedOver } from '../../model/ports.ts';
import type { Interrupts } from '../run/interrupts.ts';

/** What a worker tells the process that carries out a run. */
export type Order = 'pause' | 'stop';

export interface Orders extends Interrupts {
  /** Nobody has answered: the run rests until somebody does, and its process ends. */
  rest(asks: string): void;
}

/**
 * The orders of the worker that started this process. Signals are not listened to: a service manager and a terminal
 * send them to worker and run alike, and what the worker makes of one is its own. Without its worker a run pauses.
 */
export function listenForOrders(): Orders {
  const pause = new AbortController();
  const stop = new AbortController();
  const interrupt = (): void => pause.abort(new HandedOver('the worker ends', 'worker'));
  const obey = (order: unknown): void => {
    if (order === 'pause' || order === 'stop') interrupt();
    if (order === 'stop') stop.abort(new Error('stopped'));
  };
  const ignore = (): void => undefined;
  process.on('message', obey);
  process.on('disconnect', interrupt);
  for (const signal of SIGNALS) process.on(signal, ignore);
  return {
    pause: pause.signal,
    stop: stop.signal,
    interrupt,
    rest: (asks) => pause.abort(new HandedOver('an operator is needed', 'person', asks)),
    release: () => {
      process.off('message', obey);
      process.off('disconnect', interrupt);
      for (const signal of SIGNALS) process.off(signal, ignore);
      // The channel keeps a process alive.
      if (process.connected) process.disconnect();
    },
  };
}

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
