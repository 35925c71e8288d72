interface Wish {
  readonly key: string;
  readonly does: string;
  readonly granted: () => void;
  /** Pressed once: the second time counts. */
  once: boolean;
}

/** What an operator can wish for while nothing is asked: a key each, pressed twice, for nobody presses a key twice by chance. */
export class Wishes {
  #open: readonly Wish[] = [];

  /** Resolves when the key was pressed twice; stays open when the signal aborts. Of several with one key the newest is heard. */
  offer(key: string, does: string, signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      if (signal.aborted) return;
      const remove = (): void => {
        this.#open = this.#open.filter((other) => other !== wish);
      };
      const granted = (): void => {
        remove();
        resolve();
      };
      const wish: Wish = { key, does, granted, once: false };
      this.#open = [...this.#open, wish];
      signal.addEventListener('abort', remove, { once: true });
    });
  }

  press(key: string): void {
    const wish = this.#heard.get(key);
    const again = wish?.once === true;
    for (const each of this.#open) each.once = false;
    if (wish === undefined) return;
    if (again) wish.granted();
    else wish.once = true;
  }

  /** Grants it at once: a line that was ended with Enter is no slip. Whether there was one with that key. */
  grant(key: string): boolean {
    const wish = this.#heard.get(key);
    wish?.granted();
    return wish !== undefined;
  }

  /** Undefined when nothing is offered. */
  get text(): string | undefined {
    const texts = [...this.#heard.values()].map(({ key, does, once }) =>
      once ? `${key} again: ${does}` : `${key} twice: ${does}`,
    );
    return texts.length === 0 ? undefined : texts.join(', ');
  }

  get #heard(): ReadonlyMap<string, Wish> {
    return new Map(this.#open.map((wish) => [wish.key, wish]));
  }
}
