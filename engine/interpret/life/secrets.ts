import type { Value, ValueMap } from '../../base/value.ts';
import { asPlain, isPlain, isValueMap, valueMap } from '../../base/value.ts';
import type { Handle, SecretResolver } from '../../model/handle.ts';
import { Secret, asData, isHandle } from '../../model/handle.ts';
import type { SecretOutput } from '../../model/playbook.ts';
import type { StepKind } from '../../model/kind.ts';
import { StepError, Stopped } from '../../model/kind.ts';
import { partsOf, withoutSecrets } from './secret-text.ts';
import { shownText } from './text.ts';

/** Makes the process hold the secret at this path of a step's output again. */
type Recall = (path: string) => Promise<void>;

/** `$ref` of a secret that a step of this run gave, and that only this process holds. */
const BORN_HERE = 'run.output';

/**
 * Secrets of the environment and those that steps of this run gave out. The latter live in
 * memory only: where an earlier life of the run held one, its step says how it comes back.
 */
export class RunSecrets implements SecretResolver {
  readonly #environment: SecretResolver;
  readonly #conceal: ((secret: string) => void) | undefined;
  readonly #held = new Map<string, Secret>();
  readonly #recalls = new Map<string, Recall>();
  readonly #recalling = new Map<string, Promise<void>>();

  constructor(environment: SecretResolver, conceal: ((secret: string) => void) | undefined) {
    this.#environment = environment;
    this.#conceal = conceal;
  }

  async reveal(...asked: Parameters<SecretResolver['reveal']>): Promise<Secret> {
    const [handle] = asked;
    if (handle.$ref !== BORN_HERE) return this.#environment.reveal(...asked);
    const step = shownText(handle['step'] ?? null);
    const name = `${step} ${shownText(handle['path'] ?? null)}`;
    if (!this.#held.has(name)) await this.#recall(step, shownText(handle['path'] ?? null));
    const secret = this.#held.get(name);
    if (secret !== undefined) return secret;
    throw new StepError(`the secret that step ${step} gave was held in memory, by a process that is gone`, {
      code: 'secretLost',
      hint: 'Run that step again, or do this one by hand.',
    });
  }

  conceal(secret: string): void {
    this.#environment.conceal(secret);
  }

  /** How the secrets of a step that finished in an earlier life come back. */
  recallBy(step: string, recall: Recall): void {
    this.#recalls.set(step, recall);
  }

  /** There are secrets that an earlier life held. */
  get hasLost(): boolean {
    return this.#recalls.size > 0;
  }

  isHeld(step: string, path: string): boolean {
    return this.#held.has(`${step} ${path}`);
  }

  /** A secret that this process holds, in clear: for whoever seals it. */
  textOf(step: string, path: string): string | undefined {
    return this.#held.get(`${step} ${path}`)?.reveal();
  }

  /** One after the other: of two steps that need the same secret the second finds it. */
  async #recall(step: string, path: string): Promise<void> {
    const before = this.#recalling.get(step) ?? Promise.resolve();
    const recalling = before
      .catch(() => undefined)
      .then(async () => {
        if (!this.isHeld(step, path)) await this.#recalls.get(step)?.(path);
      });
    this.#recalling.set(step, recalling);
    await recalling;
  }

  /** The output with a handle in place of each secret. */
  mask(step: string, output: ValueMap, secrets: readonly SecretOutput[]): ValueMap {
    return secrets.reduce((masked, { path }) => this.#maskAt(step, masked, path.split('.'), path), output);
  }

  /** What a kind gave, as it enters the run: handles are only those that the kind gives, and secrets have theirs. */
  taken(
    step: string,
    output: ValueMap,
    { gives = [] }: Pick<StepKind, 'gives'>,
    secrets: readonly SecretOutput[],
  ): ValueMap {
    return this.mask(
      step,
      asData(output, ({ $ref }) => gives.includes($ref)),
      secrets,
    );
  }

  /** What stands in a form where there was a handle before is secret too. */
  maskLike(step: string, given: ValueMap, before: ValueMap, path = 'with'): ValueMap {
    const masked = valueMap(
      Object.entries(given).map(([name, value]) => {
        const at = `${path}.${name}`;
        const former = before[name];
        if (isHandle(value)) return [name, value] as const;
        if (isHandle(former)) return [name, this.keep(step, at, shownText(value))] as const;
        const goesDeeper = isValueMap(value) && isValueMap(former);
        return [name, goesDeeper ? this.maskLike(step, value, former, at) : value] as const;
      }),
    );
    return isPlain(given) ? asPlain(masked) : masked;
  }

  /** A failure without what its step says is secret: nobody knows yet which part of it is. */
  cleanError(error: unknown, secrets: readonly SecretOutput[]): unknown {
    if (secrets.length === 0) return error;
    if (error instanceof StepError) return this.#withoutSecrets(error, secrets);
    if (!(error instanceof Stopped)) return error;
    const said = new StepError(error.message, { code: 'stopped', details: error.details });
    return new Stopped(error.cause, this.#withoutSecrets(said, secrets).details);
  }

  #withoutSecrets(error: StepError, secrets: readonly SecretOutput[]): StepError {
    const { clean, texts } = withoutSecrets(error, secrets);
    for (const text of texts) this.#conceal?.(text);
    return clean;
  }

  /** A secret that was born in this run otherwise than as an output: what stands for it. */
  keep(step: string, path: string, secret: string): Handle {
    this.#hold(`${step} ${path}`, secret);
    return { $ref: BORN_HERE, step, path };
  }

  /** Whether this is the handle of a secret that was born in this run; `lost`: only a dead process knew it. */
  isBornHere(value: Value | undefined): 'held' | 'lost' | undefined {
    if (!isHandle(value) || value.$ref !== BORN_HERE) return undefined;
    const name = `${shownText(value['step'] ?? null)} ${shownText(value['path'] ?? null)}`;
    return this.#held.has(name) ? 'held' : 'lost';
  }

  #maskAt(step: string, value: ValueMap, [head = '', ...rest]: readonly string[], path: string): ValueMap {
    const member = value[head];
    if (member === undefined || member === null || isHandle(member)) return value;
    if (rest.length > 0) {
      return isValueMap(member) ? { ...value, [head]: this.#maskAt(step, member, rest, path) } : value;
    }
    this.#hold(`${step} ${path}`, member);
    return { ...value, [head]: { $ref: BORN_HERE, step, path } };
  }

  #hold(name: string, value: Value): void {
    for (const part of partsOf(value)) this.#conceal?.(part);
    this.#held.set(name, new Secret(shownText(value)));
  }
}
