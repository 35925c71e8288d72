import { tmpdir } from 'node:os';
import { basename } from 'node:path';
import type { StepContext } from '../../../model/kind.ts';
import { StepError } from '../../../model/kind.ts';
import { runCommand } from '../../machine/process.ts';

const MAX_STDERR = 64 * 1024;
/** Told in one message; the first are the causes of the others. */
const MAX_ERRORS = 8;

export interface Program {
  readonly file: string;
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly context: StepContext;
  /** Told each line of its messages, without the program's name. */
  readonly onLine?: (line: string) => void;
  /** It does not stop at its first error: all are told. */
  readonly goesOn?: boolean;
  /** Characters of its standard output that are kept. */
  readonly maxStdout?: number;
}

/** Runs a program of PostgreSQL to its good end and gives its standard output. Throws `StepError` with what it said. */
export async function runProgram(program: Program): Promise<string> {
  const name = basename(program.file);
  const prefix = new RegExp(`^${name}: `);
  const finished = await runCommand({
    file: program.file,
    argv: program.argv,
    env: program.env,
    cwd: tmpdir(),
    stdin: undefined,
    signal: program.context.signal,
    maxStdout: program.maxStdout ?? 1,
    maxStderr: MAX_STDERR,
    onLine: (line) => program.onLine?.(line.replace(prefix, '')),
  });
  if (finished.exitCode === 0) return finished.stdout;
  throw programError(name, finished.stderr, { endedBy: finished.endedBy, all: program.goesOn === true });
}

/** What is known to go wrong, by what the program says (with `LC_ALL=C`). */
const KNOWN: readonly { readonly says: RegExp; readonly code: string; readonly hint?: string }[] = [
  {
    says: /ERROR: .*No space left on device|Check free disk space/,
    code: '53100',
    hint: "The server's disk is full: free space or enlarge it, then try again.",
  },
  {
    says: /No space left on device|Disk quota exceeded/,
    code: 'diskFull',
    hint: 'Free space or enlarge the disk, then try again.',
  },
  {
    says: /could not connect|connection to server .* failed/,
    code: 'unreachable',
  },
  {
    says: /server closed the connection|terminating connection|SSL connection has been closed|no connection to the server/,
    code: 'connectionLost',
  },
  {
    says: /permission denied|must be owner|must be superuser|must be able to SET ROLE/,
    code: 'permissionDenied',
    hint: 'Use a role that may.',
  },
  {
    says: /extension ".*" is not available|could not open extension control file/,
    code: 'extensionMissing',
    hint: 'Install the extension on the server that is restored to, or restore a dump without it.',
  },
  {
    says: /no matching tables were found|no matching schemas were found/,
    code: 'noSuchTable',
  },
  {
    says: /invalid page in block|checksum/,
    code: 'XX001',
    hint: 'The data on disk is damaged: recover the database, and do not write to it any more.',
  },
  {
    says: /could not read from input file|unexpected end of file|found unexpected block ID|corrupt|could not uncompress/,
    code: 'damagedDump',
    hint: 'The dump cannot be read to its end: fetch it again, or take another one.',
  },
];

/** An error of what a program said; `all` that it said when it was to go on after the first. */
export function programError(
  name: string,
  stderr: string,
  options: { readonly endedBy?: string | undefined; readonly all?: boolean } = {},
): StepError {
  const { endedBy, all = false } = options;
  const said = errorLines(stderr);
  const known = KNOWN.find(({ says }) => says.test(stderr));
  const first = said[0] ?? (endedBy === undefined ? 'it did not say why' : `it was ended by ${endedBy}`);
  const what = all ? said.slice(0, MAX_ERRORS).join('; ') : first;
  return new StepError(`${name}: ${what}`, {
    code: known?.code ?? 'exit',
    retryable: known?.code === 'unreachable' || known?.code === 'connectionLost',
    details: { stderr: stderr.slice(-4000) },
    ...(known?.hint !== undefined && { hint: known.hint }),
  });
}

/** The errors among its messages, without `pg_dump: error: `; a verbose program says much more. */
function errorLines(stderr: string): readonly string[] {
  const lines = stderr.split('\n').filter((line) => line !== '');
  const errors = lines.filter((line) => /\b(error|fatal|FATAL|ERROR|PANIC): /.test(line));
  return (errors.length > 0 ? errors : lines.slice(-1)).map((line) =>
    line
      .replace(/^(?:\w+: (?:\[[^\]]*\] )?|psql:<stdin>:\d+: )/, '')
      .replace(/^(?:error|fatal): /, '')
      .replace(/^(?:could not execute query: )/, ''),
  );
}
