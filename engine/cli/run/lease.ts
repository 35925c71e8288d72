import type { Lock, Store } from '../../journal/store.ts';
import { StoreError } from '../../journal/store.ts';
import type { Lease } from '../../model/ports.ts';

/** The lock of an environment, held by this run but for the time that a parked step waits. */
export class EnvironmentLease implements Lease {
  readonly #take: () => Promise<Lock>;
  #lock: Lock | undefined;

  private constructor(take: () => Promise<Lock>, lock: Lock) {
    this.#take = take;
    this.#lock = lock;
  }

  /** Rejects with the store's error when another run has it. */
  static async of(store: Store, environment: string, run: string): Promise<EnvironmentLease> {
    const take = (): Promise<Lock> => store.lockEnvironment(environment, run);
    return new EnvironmentLease(take, await take());
  }

  async giveBack(): Promise<void> {
    const lock = this.#lock;
    this.#lock = undefined;
    await lock?.release();
  }

  async takeBack(): Promise<string | undefined> {
    try {
      this.#lock ??= await this.#take();
      return undefined;
    } catch (error) {
      if (error instanceof StoreError && error.code === 'locked') return error.message;
      throw error;
    }
  }
}
