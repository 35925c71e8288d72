import { Transform } from 'node:stream';
import type { Readable, Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { statementError } from './errors.ts';
import type { Session } from './session.ts';

/** One end of a copy: a session, and the COPY that runs in it. */
export interface CopyEnd {
  readonly session: Session;
  readonly text: string;
}

/**
 * Streams rows from one server into another, as fast as the slower of them. Gives the number of rows. Throws
 * `StepError` with what the server said that failed first, and the signal's reason on abort.
 */
export async function copyBetween(
  from: CopyEnd,
  to: CopyEnd,
  signal: AbortSignal,
  onBytes: (bytes: number) => void,
): Promise<number> {
  return abortable([from.session, to.session], signal, async () => {
    const source = from.session.framesOut(from.text);
    const sink = to.session.framesIn(to.text);
    const failed: { by: CopyEnd; error: unknown }[] = [];
    source.once('error', (error) => failed.push({ by: from, error }));
    sink.once('error', (error) => failed.push({ by: to, error }));
    source.on('data', (chunk: Buffer) => {
      onBytes(chunk.length);
    });
    await run([source, sink], failed);
    return sink.rowCount;
  });
}

/** Streams what a query gives into a file, which is left open for more; gives the number of lines. */
export async function copyLines(from: CopyEnd, sink: Writable, signal: AbortSignal): Promise<number> {
  return abortable([from.session], signal, async () => {
    const source = await from.session.copyOut(from.text);
    const failed: { by: CopyEnd; error: unknown }[] = [];
    source.once('error', (error) => failed.push({ by: from, error }));
    let lines = 0;
    const counted = new Transform({
      transform(chunk: Buffer, _encoding, done) {
        for (const byte of chunk) if (byte === NEWLINE) lines += 1;
        done(null, chunk);
      },
    });
    await run([source, counted, sink], failed, false);
    return lines;
  });
}

const NEWLINE = 10;

/** Writes texts as they are: JSON holds neither of these characters, so that nothing is quoted. */
export const PLAIN_LINES = String.raw`(format csv, quote e'\x01', delimiter e'\x02')`;

async function run(
  streams: readonly NodeJS.ReadWriteStream[] | readonly [Readable, ...Writable[]],
  failed: readonly { readonly by: CopyEnd; readonly error: unknown }[],
  end = true,
): Promise<void> {
  try {
    await pipeline(streams as readonly NodeJS.ReadWriteStream[], { end });
  } catch (error) {
    const first = failed[0];
    throw first === undefined ? error : statementError(first.error, first.by.text, false);
  }
}

/** A closed socket alone would leave the servers working. */
async function abortable<T>(
  sessions: readonly Session[],
  signal: AbortSignal,
  work: () => Promise<T>,
): Promise<T> {
  const cancel = (): void => {
    for (const session of sessions) void session.cancel();
  };
  signal.throwIfAborted();
  signal.addEventListener('abort', cancel, { once: true });
  try {
    return await work();
  } catch (error) {
    signal.throwIfAborted();
    throw error;
  } finally {
    signal.removeEventListener('abort', cancel);
  }
}
