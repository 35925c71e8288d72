/** While a loop is at work no key is read and no signal heard; this long is not noticed. */
const LONGEST_MS = 50;

/**
 * For a loop that may be long and awaits nothing but what is done already: what it gives is awaited in each
 * round, and lets whatever waits have its turn (a key, a signal, a timer) when it is time.
 */
export function givingWay(clock: { monotonic(): number }): () => Promise<void> | undefined {
  let since = clock.monotonic();
  return () => {
    if (clock.monotonic() - since < LONGEST_MS) return undefined;
    return new Promise((resolve) =>
      setImmediate(() => {
        since = clock.monotonic();
        resolve();
      }),
    );
  };
}
