/**
 * Lets whatever waits have its turn: a key, a signal, a timer. A loop that awaits nothing but what is
 * done already never does.
 */
export const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
