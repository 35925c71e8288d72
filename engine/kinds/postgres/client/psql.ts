import { tmpdir } from 'node:os';
import type { Readable, Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { StepError } from '../../../model/kind.ts';
import { sendToGroup } from '../../machine/process.ts';
import { programError } from './program.ts';

/** Of what psql says, so much is kept for an error. */
const KEPT = 64 * 1024;
const REACHED = 'drillbook: reached';

/**
 * A psql that is fed piece by piece and ends with its input, so that it can never outlive whoever feeds it to commit
 * anything: a commit is one of the pieces.
 */
export interface Psql {
  /** Hands statements over; resolves when psql has taken them, not when they have run. */
  send(text: string | Uint8Array): Promise<void>;
  /** Hands over what a program writes. Throws what it said when it does not end well. */
  sendOutputOf(program: Feeder): Promise<void>;
  /** Resolves when all that was sent has run, with the lines that psql said meanwhile. Throws when it has ended. */
  reached(): Promise<readonly string[]>;
  /** Ends the input. Throws when psql does not end well. */
  end(): Promise<void>;
  /** Ends it and its feeders whatever they do; what was not committed is rolled back. */
  kill(): void;
}

export interface Feeder {
  readonly file: string;
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly name: string;
}

export async function startPsql(options: {
  readonly file: string;
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
}): Promise<Psql> {
  const { execa } = await import('execa');
  const { signal } = options;
  signal.throwIfAborted();
  const leaders: number[] = [];
  const start = (file: string, argv: readonly string[], env: Readonly<Record<string, string>>) => {
    const child = execa(file, argv, {
      cwd: tmpdir(),
      env,
      extendEnv: false,
      detached: true,
      reject: false,
      buffer: false,
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    if (child.pid !== undefined) leaders.push(child.pid);
    return child;
  };
  const kill = (): void => {
    for (const leader of leaders) sendToGroup(leader, 'SIGKILL');
  };
  signal.addEventListener('abort', kill, { once: true });
  const child = start(options.file, options.argv, options.env);
  const said = listen(child.stderr);
  child.stdout.resume();
  // Its end is told by how it ended, not by a pipe that breaks.
  child.stdin.on('error', () => undefined);
  const ended = child.then((result) => {
    signal.removeEventListener('abort', kill);
    said.close();
    return result;
  });
  const failed = async (): Promise<Error> => {
    const result = await ended;
    signal.throwIfAborted();
    if (result.exitCode === undefined && result.signal === undefined) return missing(options.file);
    return programError('psql', said.text(), { endedBy: result.signal });
  };

  return {
    kill,
    async send(text) {
      if (!(await write(child.stdin, text))) throw await failed();
    },
    async sendOutputOf({ file, argv, env, name }) {
      const feeder = start(file, argv, env);
      const feederSaid = listen(feeder.stderr);
      const piped = pipeline(feeder.stdout, child.stdin, { end: false }).then(
        () => true,
        () => false,
      );
      if (!(await piped)) {
        sendToGroup(feeder.pid, 'SIGKILL');
        await feeder;
        throw await failed();
      }
      const result = await feeder;
      signal.throwIfAborted();
      if (result.exitCode !== 0) throw programError(name, feederSaid.text(), { endedBy: result.signal });
    },
    async reached() {
      const arrived = said.next();
      if (!(await write(child.stdin, `\n\\warn ${REACHED}\n`))) throw await failed();
      const lines = await Promise.race([arrived, ended.then(() => undefined)]);
      if (lines === undefined) throw await failed();
      return lines;
    },
    async end() {
      child.stdin.end();
      const result = await ended;
      signal.throwIfAborted();
      if (result.exitCode !== 0) throw await failed();
    },
  };
}

/** Keeps what is said, and tells when the place is reached that `reached` marks, with the lines up to there. */
function listen(stream: Readable): {
  text(): string;
  next(): Promise<readonly string[] | undefined>;
  close(): void;
} {
  let kept = '';
  let rest = '';
  let lines: string[] = [];
  let tell: ((lines: readonly string[] | undefined) => void) | undefined;
  stream.setEncoding('utf8');
  stream.on('data', (chunk: string) => {
    kept = (kept + chunk).slice(-KEPT);
    const parts = (rest + chunk).split('\n');
    rest = parts.pop() ?? '';
    for (const line of parts) {
      if (line !== REACHED) lines.push(line);
      else {
        tell?.(lines);
        lines = [];
      }
    }
  });
  return {
    text: () => kept,
    next: () => new Promise((resolve) => (tell = resolve)),
    close: () => tell?.(undefined),
  };
}

/** False when nobody reads any more. */
const write = (stream: Writable, text: string | Uint8Array): Promise<boolean> =>
  new Promise((resolve) => {
    stream.write(text, (error) => {
      resolve(error === undefined || error === null);
    });
  });

const missing = (file: string): StepError =>
  new StepError(`there is no ${file}, which belongs to the client tools of PostgreSQL`, {
    code: 'clientToolsMissing',
    hint: 'Install the client tools whole; psql comes with pg_restore.',
  });
