import type { Value, ValueMap } from '../base/value.ts';
import { isValueMap } from '../base/value.ts';

/**
 * Something that is named instead of shown: a secret, or a thing of a provider whose
 * secrets are read when it is used. It travels through expressions, the journal and
 * the screen; what it stands for never does.
 *
 * - `{ $ref: 'env', name: 'RENDER_API_KEY', at?: 'a/b' }`  an environment variable (`at`: a path into its JSON)
 * - `{ $ref: 'file', path: '/run/key', at?: 'a/b' }`        the content of a file, trimmed
 * - `{ $ref: 'render.postgres', id: 'dpg-…', network: 'internal' | 'external' }`  its connection string, asked of Render
 * - `{ $ref: 'render.export', database: 'dpg-…', id: …, createdAt: … }`  the signed link of an export, asked of Render
 */
export interface Handle extends ValueMap {
  readonly $ref: string;
}

/** `{ env: NAME }` or `{ file: path }`, each with or without `at`: a secret that is named where it could be written. */
export function secretReference(value: Value | undefined): Handle | undefined {
  if (!isValueMap(value)) return undefined;
  const { env, file, at, ...others } = value;
  if (Object.keys(others).length > 0 || (at !== undefined && typeof at !== 'string')) return undefined;
  const inside = at === undefined ? {} : { at };
  if (typeof env === 'string' && file === undefined) return { $ref: 'env', name: env, ...inside };
  return typeof file === 'string' && env === undefined ? { $ref: 'file', path: file, ...inside } : undefined;
}

export function isHandle(value: Value | undefined): value is Handle {
  return isValueMap(value) && typeof value['$ref'] === 'string';
}

/**
 * A secret in memory. It refuses to be printed or serialised: whoever needs the text
 * says so with `reveal`, at the place where it leaves for its destination.
 */
export class Secret {
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
  }

  reveal(): string {
    return this.#text;
  }

  toString(): string {
    return '[secret]';
  }

  toJSON(): string {
    return '[secret]';
  }

  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return '[secret]';
  }
}

/** Turns a handle into what it stands for; every text it reveals is known to the redactor from then on. */
export interface SecretResolver {
  reveal(handle: Handle, signal?: AbortSignal): Promise<Secret>;
}
