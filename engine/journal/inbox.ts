import { randomUUID } from 'node:crypto';
import { link, mkdir, open, readFile, readdir, rm, stat, unlink } from 'node:fs/promises';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import type { Json, JsonObject } from '../base/json.ts';
import type { Inbox, Message } from '../model/message.ts';
import { MOST_BYTES, isMessageId } from '../model/message.ts';
import { syncFolder } from './files.ts';
import { fileChange } from './follow.ts';
import { StoreError } from './store.ts';
import { ioError } from './writer.ts';

const ENDING = '.json';

/**
 * The inbox of a run in a folder: one file a message, made elsewhere in the folder and linked to its name when it is
 * whole, so that nobody reads half of one and the same one put twice is one.
 */
export class FolderInbox implements Inbox {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  async put(id: string, body: JsonObject): Promise<void> {
    const bytes = messageText(id, body);
    try {
      await makeFolder(this.#folder);
      const draft = join(this.#folder, `${randomUUID()}.draft`);
      const file = await open(draft, 'wx', 0o600);
      try {
        await file.writeFile(bytes);
        await file.sync();
      } finally {
        await file.close();
      }
      await link(draft, join(this.#folder, id + ENDING)).catch(unlessThere);
      await unlink(draft);
      await syncFolder(this.#folder);
    } catch (error) {
      throw ioError('the message cannot be left', error);
    }
  }

  async *messages(signal: AbortSignal): AsyncGenerator<Message> {
    const seen = new Set<string>();
    // Watched from its beginning on: a folder that is not there cannot be.
    await makeFolder(this.#folder);
    while (!signal.aborted) {
      const changed = fileChange(this.#folder, signal);
      for (const id of await this.#newest(seen)) {
        seen.add(id);
        yield { id, account: userInfo().username, body: await this.#read(id) };
      }
      await changed;
    }
  }

  /** Those that were not seen yet, in the order in which they were linked. */
  async #newest(seen: ReadonlySet<string>): Promise<readonly string[]> {
    const names = await readdir(this.#folder).catch(noneWhenMissing);
    const ids = names
      .filter((name) => name.endsWith(ENDING))
      .map((name) => name.slice(0, -ENDING.length))
      .filter((id) => isMessageId(id) && !seen.has(id));
    const dated = await Promise.all(
      ids.map(async (id) => ({ id, at: (await stat(this.#path(id), { bigint: true })).ctimeNs })),
    );
    return dated.sort((a, b) => Number(a.at - b.at) || (a.id < b.id ? -1 : 1)).map(({ id }) => id);
  }

  async #read(id: string): Promise<Json> {
    const { size } = await stat(this.#path(id));
    if (size > MOST_BYTES) return null;
    return parsed(await readFile(this.#path(id), 'utf8'));
  }

  #path(id: string): string {
    return join(this.#folder, id + ENDING);
  }
}

/** Not the run's own folder: where that is missing there is no such run. */
const makeFolder = (folder: string): Promise<void> => mkdir(folder, { mode: 0o700 }).catch(unlessThere);

/** Removes what was said to a run that is over: the journal has what of it counts. */
export const clearInbox = (folder: string): Promise<void> => rm(folder, { recursive: true, force: true });

/** The text of a message; refused where it can be none. */
export function messageText(id: string, body: JsonObject): string {
  const text = JSON.stringify(body);
  if (!isMessageId(id)) throw new StoreError('io', `${JSON.stringify(id)} is not the id of a message`);
  if (Buffer.byteLength(text) > MOST_BYTES)
    throw new StoreError('io', `the message is longer than ${String(MOST_BYTES / 1024)} KiB`);
  return text;
}

/** What stands there; null where it is no JSON, for whoever looks at it to refuse. */
export function parsed(text: string): Json {
  try {
    return JSON.parse(text) as Json;
  } catch {
    return null;
  }
}

function unlessThere(error: unknown): void {
  if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
}

function noneWhenMissing(error: unknown): string[] {
  if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  return [];
}
