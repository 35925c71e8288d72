import { createCipheriv, createDecipheriv, createHash, randomBytes, scrypt } from 'node:crypto';
import { mkdir, open, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Json } from '../base/json.ts';
import { isJsonObject } from '../base/json.ts';
import type { Vault } from '../model/ports.ts';
import { StoreError } from './store.ts';

const CIPHER = 'aes-256-gcm';
const KEY_BYTES = 32;
const SALT_BYTES = 16;
/** What GCM is made for. Another length costs a hash, and 96 bits do not meet twice under one key. */
const NONCE_BYTES = 12;

const derive = promisify<string, Buffer, number, Buffer>(scrypt);

/** Removes all that a run kept: one that is over has no way back. */
export const clearVault = (folder: string): Promise<void> => rm(folder, { recursive: true, force: true });

/** Where sealed texts lie, by name. */
export interface SealedTexts {
  /** Undefined when there is none. */
  read(name: string): Promise<string | undefined>;
  /** Durable when it resolves. */
  write(name: string, text: string): Promise<void>;
}

/**
 * Secrets of one run, each in a text of its own: AES-256-GCM under a key that is not in the store. Run, step
 * and path are authenticated with it, so that a text which was put in another's place does not open.
 */
export class SealedVault implements Vault {
  readonly #texts: SealedTexts;
  readonly #run: string;
  readonly #key: () => Promise<string>;

  /** `key`: asked for each time; what it rejects with is told as it is. */
  constructor(texts: SealedTexts, run: string, key: () => Promise<string>) {
    this.#texts = texts;
    this.#run = run;
    this.#key = key;
  }

  async keep(step: string, path: string, secret: string): Promise<void> {
    const salt = randomBytes(SALT_BYTES);
    const nonce = randomBytes(NONCE_BYTES);
    const cipher = createCipheriv(CIPHER, await derive(await this.#key(), salt, KEY_BYTES), nonce);
    cipher.setAAD(this.#binding(step, path));
    const sealed = Buffer.concat([cipher.update(secret, 'utf8'), cipher.final()]);
    const parts = { salt, nonce, tag: cipher.getAuthTag(), sealed };
    const written = Object.entries(parts).map(([name, bytes]) => [name, bytes.toString('base64')]);
    await this.#texts.write(
      nameOf(step, path),
      JSON.stringify({ version: 1, ...Object.fromEntries(written) }),
    );
  }

  async recall(step: string, path: string): Promise<string | undefined> {
    const text = await this.#texts.read(nameOf(step, path));
    if (text === undefined) return undefined;
    const parts = partsOf(text);
    if (parts === undefined) throw altered('is damaged');
    const key = await derive(await this.#key(), parts.salt, KEY_BYTES);
    try {
      const decipher = createDecipheriv(CIPHER, key, parts.nonce);
      decipher.setAAD(this.#binding(step, path));
      decipher.setAuthTag(parts.tag);
      return Buffer.concat([decipher.update(parts.sealed), decipher.final()]).toString('utf8');
    } catch {
      throw altered('does not open with this key: it is another key, or the file was changed');
    }
  }

  #binding(step: string, path: string): Buffer {
    return Buffer.from(JSON.stringify(['drillbook', 1, this.#run, step, path]));
  }
}

/** Keys of items may hold what a file's name may not. */
const nameOf = (step: string, path: string): string =>
  createHash('sha256')
    .update(JSON.stringify([step, path]))
    .digest('hex')
    .slice(0, 32);

/** A vault whose texts are files of a folder. */
export class FolderVault extends SealedVault {
  constructor(folder: string, run: string, key: () => Promise<string>) {
    super(sealedFiles(folder), run, key);
  }
}

const sealedFiles = (folder: string): SealedTexts => ({
  read: (name) =>
    readFile(join(folder, `${name}.json`), 'utf8').catch((error: unknown) => {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
      throw error;
    }),
  write: async (name, text) => {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    const file = join(folder, `${name}.json`);
    const draft = await open(`${file}.draft`, 'w', 0o600);
    try {
      await draft.writeFile(text);
      await draft.sync();
    } finally {
      await draft.close();
    }
    await rename(`${file}.draft`, file);
    const entry = await open(folder, 'r');
    await entry.sync().finally(() => entry.close());
  },
});

type Part = 'salt' | 'nonce' | 'tag' | 'sealed';

const LENGTHS: Readonly<Partial<Record<Part, number>>> = { salt: SALT_BYTES, nonce: NONCE_BYTES, tag: 16 };

function partsOf(text: string): Readonly<Record<Part, Buffer>> | undefined {
  let json: Json;
  try {
    json = JSON.parse(text) as Json;
  } catch {
    return undefined;
  }
  if (!isJsonObject(json) || json['version'] !== 1) return undefined;
  const part = (name: Part): Buffer => {
    const encoded = isJsonObject(json) ? json[name] : undefined;
    return Buffer.from(typeof encoded === 'string' ? encoded : '', 'base64');
  };
  const parts = { salt: part('salt'), nonce: part('nonce'), tag: part('tag'), sealed: part('sealed') };
  const fits = Object.entries(LENGTHS).every(([name, length]) => parts[name as Part].length === length);
  return fits ? parts : undefined;
}

const altered = (what: string): StoreError => new StoreError('altered', `the sealed copy ${what}`);
