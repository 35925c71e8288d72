import type { Value, ValueMap } from '../base/value.ts';
import { isValueMap } from '../base/value.ts';
import type { Handle, SecretResolver } from '../model/handle.ts';
import { Secret, isHandle } from '../model/handle.ts';
import { StepError } from '../model/stepkind.ts';
import { textOf } from './text.ts';

/** `$ref` of a secret that a step of this run gave, and that only this process holds. */
const BORN_HERE = 'run.output';

/**
 * Secrets of the environment and those that steps of this run gave out. The latter live in
 * memory only: where an earlier life of the run held one, its step is run again.
 */
export class RunSecrets implements SecretResolver {
  readonly #environment: SecretResolver;
  readonly #conceal: ((secret: string) => void) | undefined;
  readonly #held = new Map<string, Secret>();
  readonly #producers = new Map<string, () => Promise<unknown>>();

  constructor(environment: SecretResolver, conceal: ((secret: string) => void) | undefined) {
    this.#environment = environment;
    this.#conceal = conceal;
  }

  async reveal(handle: Handle, signal?: AbortSignal): Promise<Secret> {
    if (handle.$ref !== BORN_HERE) return this.#environment.reveal(handle, signal);
    const step = textOf(handle['step'] ?? null);
    const name = `${step} ${textOf(handle['path'] ?? null)}`;
    if (!this.#held.has(name)) await this.#producers.get(step)?.();
    const secret = this.#held.get(name);
    if (secret !== undefined) return secret;
    throw new StepError(`the secret that step ${step} gave was held in memory, by a process that is gone`, {
      code: 'secretLost',
      hint: 'Run that step again, or do this one by hand.',
    });
  }

  /** How to get the secrets of a step that finished in an earlier life: by running it again, which changes nothing. */
  produceBy(step: string, producer: () => Promise<unknown>): void {
    this.#producers.set(step, producer);
  }

  /** The output with a handle in place of each secret. Paths are member names joined by `.`. */
  mask(step: string, output: ValueMap, paths: readonly string[]): ValueMap {
    return paths.reduce((masked, path) => this.#maskAt(step, masked, path.split('.'), path), output);
  }

  /** A secret that was born in this run otherwise than as an output: what stands for it. */
  keep(step: string, path: string, secret: string): Handle {
    this.#hold(`${step} ${path}`, secret);
    return { $ref: BORN_HERE, step, path };
  }

  /** Whether this is the handle of a secret that was born in this run; `lost`: only a dead process knew it. */
  isBornHere(value: Value | undefined): 'held' | 'lost' | undefined {
    if (!isHandle(value) || value.$ref !== BORN_HERE) return undefined;
    const name = `${textOf(value['step'] ?? null)} ${textOf(value['path'] ?? null)}`;
    return this.#held.has(name) ? 'held' : 'lost';
  }

  #maskAt(step: string, value: ValueMap, [head = '', ...rest]: readonly string[], path: string): ValueMap {
    const member = value[head];
    if (member === undefined || member === null) return value;
    if (rest.length > 0) {
      return isValueMap(member) ? { ...value, [head]: this.#maskAt(step, member, rest, path) } : value;
    }
    this.#hold(`${step} ${path}`, member);
    return { ...value, [head]: { $ref: BORN_HERE, step, path } };
  }

  #hold(name: string, value: Value): void {
    const text = textOf(value);
    this.#conceal?.(text);
    this.#held.set(name, new Secret(text));
  }
}
