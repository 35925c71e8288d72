import { createHash } from 'node:crypto';
import { open, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { writeJson } from '../../../base/json-text.ts';
import type { ValueMap } from '../../../base/value.ts';
import type { StepContext } from '../../../model/kind.ts';
import { fileError } from '../../machine/errors.ts';
import type { WritePlace } from '../../machine/place.ts';
import { FILE_MODE, makeFolder, putInPlace } from '../../machine/place.ts';
import type { Redis } from './connection.ts';
import { listOf } from './queue.ts';

/** Messages read at a time. */
const PAGE = 500;

/** A list that was set aside: what it was called, and what it is called now. */
export interface Aside {
  readonly list: string;
  readonly name: string;
}

/** A file of messages. */
export interface Kept extends ValueMap {
  readonly path: string;
  readonly messages: number;
  readonly sha256: string;
}

/**
 * Writes every message of lists to a file, the next to be taken first: a line of JSON each, with the list that it was
 * in. The file has its name only once it is whole and on the disk. Throws `StepError` when it cannot be written.
 */
export async function keepMessages(
  redis: Redis,
  lists: readonly Aside[],
  place: WritePlace,
  partial: string,
  context: StepContext,
): Promise<Kept> {
  await makeFolder(dirname(place.path));
  try {
    await rm(partial, { force: true });
    const file = await open(partial, 'wx', FILE_MODE);
    const hash = createHash('sha256');
    let messages = 0;
    try {
      for await (const { list, message } of messagesIn(redis, lists)) {
        context.signal.throwIfAborted();
        const line = `${writeJson(lineOf(list, message))}\n`;
        hash.update(line);
        await file.write(line);
        messages++;
        if (messages % PAGE === 0) context.progress(messages, undefined, 'messages');
      }
      await file.sync();
    } finally {
      await file.close();
    }
    await putInPlace(partial, place);
    return { path: place.path, messages, sha256: hash.digest('hex') };
  } catch (cause) {
    await rm(partial, { force: true });
    throw fileError(cause, place.path, { doing: 'write' }) ?? cause;
  }
}

async function* messagesIn(
  redis: Redis,
  lists: readonly Aside[],
): AsyncGenerator<{ readonly list: string; readonly message: Buffer }> {
  for (const { list, name } of lists) {
    // From the right end, where workers take: the last page first.
    for (let end = -1; ; end -= PAGE) {
      const page = listOf(await redis.ask('LRANGE', name, String(end - PAGE + 1), String(end)));
      for (const message of page.toReversed()) yield { list, message: message as Buffer };
      if (page.length < PAGE) break;
    }
  }
}

/** What is no text is kept as Base64: nothing of a message is lost. */
function lineOf(list: string, message: Buffer): Record<string, string> {
  const text = message.toString('utf8');
  return Buffer.from(text).equals(message)
    ? { list, message: text }
    : { list, base64: message.toString('base64') };
}
