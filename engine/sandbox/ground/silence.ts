/** Something that is reached over the network. */
export interface Network {
  /** From now on what comes in gets no answer; undefined: as before. */
  hang(millis: number | undefined): void;
}

/** A time during which nothing that is held gets an answer; when it is over, what was held is cut. */
export class Silence {
  readonly #held = new Set<{ destroy(): unknown }>();
  #timer: NodeJS.Timeout | undefined;

  get lasts(): boolean {
    return this.#timer !== undefined;
  }

  /** Begins it anew; undefined ends it at once. */
  begin(millis: number | undefined): void {
    clearTimeout(this.#timer);
    this.#timer = millis === undefined ? undefined : setTimeout(() => this.#end(), millis);
    if (millis === undefined) this.#end();
  }

  /** Keeps it until the silence is over, unless it closes by itself before. */
  hold(one: { destroy(): unknown; once(event: 'close', listener: () => void): unknown }): void {
    this.#held.add(one);
    one.once('close', () => this.#held.delete(one));
  }

  #end(): void {
    this.#timer = undefined;
    for (const one of this.#held) one.destroy();
  }
}
