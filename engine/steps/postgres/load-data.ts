import { once } from 'node:events';
import { finished } from 'node:stream/promises';
import type { ValueMap } from '../../base/value.ts';
import type { StepContext } from '../../model/stepkind.ts';
import type { FrameSink } from './copy-frames.ts';
import { headerOf } from './copy-frames.ts';
import { DataScript } from './data-script.ts';
import { openDatabase } from './connection.ts';
import { statementError } from './errors.ts';
import { streamProgram } from './program.ts';
import type { Session } from './session.ts';

/** So much goes to one session before the next one gets its turn. */
const TURN_BYTES = 1024 * 1024;
/** pg_restore writes 4 KiB at a time: handled one by one, they would cost more processor than unpacking them. */
const BLOCK_BYTES = 256 * 1024;

export interface DataLoad {
  readonly pgRestore: string;
  readonly from: string;
  readonly listFile: string;
  readonly target: ValueMap;
  /** Sessions that each table is loaded by. */
  readonly jobs: number;
  readonly context: StepContext;
}

/**
 * Loads the rows of a dump: pg_restore unpacks them, and each table is shared out among several sessions, in pieces
 * of whole lines. pg_restore alone gives a table to one session, and in most databases one table is most of it.
 * https://www.postgresql.org/docs/current/sql-copy.html#SQL-COPY-FILE-FORMATS
 */
export async function loadData(load: DataLoad): Promise<void> {
  const { context } = load;
  const sessions: Session[] = [];
  const cancel = (): void => {
    for (const session of sessions) void session.cancel();
  };
  context.signal.addEventListener('abort', cancel, { once: true });
  try {
    for (let job = 0; job < load.jobs; job += 1) {
      const session = await openDatabase(load.target, context);
      sessions.push(session);
      // A later life of the step ends what bears its name.
      await session.run("select set_config('application_name', $1, false)", [context.resourceName()], {
        maxRows: 1,
        writes: false,
      });
    }
    await streamProgram(
      {
        file: load.pgRestore,
        argv: [
          '--section=data',
          '--no-owner',
          '--no-privileges',
          `--use-list=${load.listFile}`,
          '--file=-',
          load.from,
        ],
        env: { PATH: process.env['PATH'] ?? '/usr/bin:/bin', LC_ALL: 'C' },
        context,
      },
      (output) => distribute(output, sessions, context),
    );
  } catch (error) {
    context.signal.throwIfAborted();
    throw error;
  } finally {
    context.signal.removeEventListener('abort', cancel);
    await Promise.all(sessions.map((session) => session.close()));
  }
}

async function distribute(
  output: AsyncIterable<Buffer>,
  sessions: readonly Session[],
  context: StepContext,
): Promise<void> {
  const [first] = sessions;
  if (first === undefined) throw new TypeError('there is at least one session');
  const script = new DataScript();
  let table: SharedTable | undefined;
  let bytes = 0;
  for await (const block of inBlocks(output)) {
    for (const piece of script.read(block)) {
      switch (piece.type) {
        case 'settings':
          await Promise.all(sessions.map((session) => session.command(piece.text)));
          break;
        case 'sql':
          await first.command(piece.text);
          break;
        case 'copy':
          context.log(piece.text.replace(/ \(.*/, ''));
          table = new SharedTable(piece.text, sessions);
          break;
        case 'rows':
          await table?.write(piece.rows);
          break;
        case 'end':
          await table?.end();
          break;
      }
    }
    bytes += block.length;
    context.progress(bytes, undefined, 'bytes');
  }
  for (const piece of script.end()) await first.command(piece);
}

async function* inBlocks(output: AsyncIterable<Buffer>): AsyncGenerator<Buffer, void, void> {
  let pending: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of output) {
    pending.push(chunk);
    bytes += chunk.length;
    if (bytes < BLOCK_BYTES) continue;
    yield Buffer.concat(pending);
    pending = [];
    bytes = 0;
  }
  if (bytes > 0) yield Buffer.concat(pending);
}

/** One table that several sessions fill side by side, each with a COPY of its own. */
class SharedTable {
  readonly #text: string;
  readonly #sessions: readonly Session[];
  readonly #sinks: FrameSink[] = [];
  #turn = 0;
  #turnBytes = 0;
  #failure: { readonly error: unknown } | undefined;

  constructor(text: string, sessions: readonly Session[]) {
    this.#text = text;
    this.#sessions = sessions;
  }

  /** Waits for room in the session whose turn it is; the others have their last turn to work on meanwhile. */
  async write(rows: Buffer): Promise<void> {
    if (this.#turnBytes >= TURN_BYTES) {
      this.#turn = (this.#turn + 1) % this.#sessions.length;
      this.#turnBytes = 0;
    }
    this.#turnBytes += rows.length;
    const sink = this.#sinks[this.#turn] ?? this.#open(this.#turn);
    if (sink.writableNeedDrain && !sink.destroyed) {
      // Its failure is an event of its own, and is thrown below.
      await once(sink, 'drain').catch(() => undefined);
    }
    this.#check();
    sink.write(headerOf(rows.length));
    sink.write(rows);
  }

  async end(): Promise<void> {
    for (const sink of this.#sinks) sink.end();
    await Promise.all(this.#sinks.map((sink) => finished(sink).catch(() => undefined)));
    this.#check();
  }

  #open(turn: number): FrameSink {
    const session = this.#sessions[turn];
    if (session === undefined) throw new TypeError('a session was lost');
    const sink = session.framesIn(this.#text);
    sink.on('error', (error) => (this.#failure ??= { error }));
    this.#sinks[turn] = sink;
    return sink;
  }

  #check(): void {
    if (this.#failure !== undefined) throw statementError(this.#failure.error, this.#text, false);
  }
}
