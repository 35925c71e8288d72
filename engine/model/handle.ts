import type { Value, ValueMap } from '../base/value.ts';
import { asPlain, isPlain, isValueList, isValueMap, valueMap } from '../base/value.ts';

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
  return isValueMap(value) && typeof value['$ref'] === 'string' && !isPlain(value);
}

/** A map that is made of parts by an expression, a template or a file. It is data: handles are had whole, from where secrets are. */
export function dataMap(entries: Iterable<readonly [string, Value]>): ValueMap {
  const map = valueMap(entries);
  return isHandle(map) ? asPlain(map) : map;
}

/**
 * What came from outside (a body, a row, an answer): whatever reads like a handle in it is data and
 * names no secret. `keeps` says which handles whoever gave it may give.
 */
export function asData(value: ValueMap, keeps?: (handle: Handle) => boolean): ValueMap;
export function asData(value: Value, keeps?: (handle: Handle) => boolean): Value;
export function asData(value: Value, keeps: (handle: Handle) => boolean = () => false): Value {
  if (isValueList(value)) {
    const items = value.map((item) => asData(item, keeps));
    return items.every((item, index) => item === value[index]) ? value : items;
  }
  if (!isValueMap(value) || (isHandle(value) && keeps(value))) return value;
  const entries = Object.entries(value).map(([key, member]) => [key, asData(member, keeps)] as const);
  const same = entries.every(([key, member]) => member === value[key]);
  const members = same ? value : valueMap(entries);
  return isHandle(value) || isPlain(value) ? asPlain(members) : members;
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

/**
 * Turns a handle into what it stands for; every text it reveals is known to the redactor from then on, but for
 * one of which the caller knows that it may be shown (the id of a key).
 */
export interface SecretResolver {
  reveal(handle: Handle, signal?: AbortSignal, options?: { readonly mayBeShown: boolean }): Promise<Secret>;
  /** Tells the redactor of a secret that no handle stands for: what a program or a service gave. */
  conceal(secret: string): void;
}
