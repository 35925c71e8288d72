import { execFile } from 'node:child_process';
import { chown, mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { runAs } from '../../postgres/account.ts';
import type { PostgresServer } from '../../postgres/server.ts';

/** What stands in an argument for the folder that is to be filled. */
const DATA = '{data}';
const MAX_OUTPUT = 16 * 1024 * 1024;

export interface FetchedBackup {
  /** How PostgreSQL gets the WAL that belongs to it, where the program that restored it has said so. */
  readonly restoreCommand?: string;
}

/**
 * Has a program put a base backup into the folder of a server's data, as pgBackRest and Barman do from their repositories. It runs as the
 * account of the servers, which is to read the repository.
 */
export async function fetchBaseBackup(
  server: PostgresServer,
  command: readonly string[],
): Promise<FetchedBackup> {
  const { account } = server.installation;
  await server.prepare();
  // In its place: what the program writes there names the folder.
  const folder = server.data;
  await mkdir(folder, { mode: 0o700 });
  if (account !== undefined) await chown(folder, account.uid, account.gid);
  const [file = '', ...args] = command.map((argument) => argument.replaceAll(DATA, folder));
  try {
    await promisify(execFile)(file, args, { ...runAs(account), cwd: server.folder, maxBuffer: MAX_OUTPUT });
  } catch (cause) {
    const { stderr, stdout, message } = cause as Error & {
      readonly stderr?: string;
      readonly stdout?: string;
    };
    throw new Error(`${file}: ${complaintIn(stderr ?? '', stdout ?? '') ?? message}`, { cause });
  }
  const settings = await readFile(join(folder, 'postgresql.auto.conf'), 'utf8').catch(() => '');
  const written = [...settings.matchAll(/^restore_command\s*=\s*'(.*)'\s*$/gm)].at(-1)?.[1];
  return written === undefined ? {} : { restoreCommand: written.replaceAll("''", "'") };
}

/** What a program that failed says of it: its first line of an error, else its last. */
function complaintIn(...outputs: readonly [errors: string, output: string]): string | undefined {
  const [errors, output] = outputs.map((text) =>
    text
      .split('\n')
      .map((line) => line.trim())
      .filter(Boolean),
  );
  const error = [...(errors ?? []), ...(output ?? [])].find((line) => /\b(?:ERROR|FATAL)\b/.test(line));
  return error ?? errors?.at(-1) ?? output?.at(-1);
}
