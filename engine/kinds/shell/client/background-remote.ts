import { randomBytes } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { callFolder } from './call-folder.ts';
import type { BackgroundProcess, StepContext } from '../../../model/kind.ts';
import { beginCommand } from './background.ts';
import { asUser, ENTER_FOLDER } from './bootstrap.ts';
import { quoteAlways, settings } from './remote.ts';
import type { RemotePlace, Work } from './remote.ts';
import { connectionError, sshCommand } from './ssh.ts';

/**
 * Starts a command on a host that lives beside the run. It ends with the connection, also when drillbook is
 * killed; where the connection broke and the far side has not noticed, the next start ends it first.
 */
export async function beginRemote(
  work: Work,
  place: RemotePlace,
  context: StepContext,
): Promise<BackgroundProcess> {
  const folder = await callFolder();
  const clean = (): Promise<void> => rm(folder, { recursive: true, force: true });
  const mark = `drillbook ${randomBytes(8).toString('hex')}`;
  const said: string[] = [];
  try {
    const ssh = await sshCommand(folder, {
      ...{ route: place.route, secrets: context.secrets, signal: context.signal },
      command: `exec ${asUser(place.sudo)}bash --norc -c ${quoteAlways(beginning(mark, place.sudo))}`,
    });
    let isConnected = false;
    let connect = (): void => undefined;
    const connected = new Promise<void>((resolve) => {
      connect = () => {
        isConnected = true;
        resolve();
      };
    });
    const payload = Buffer.from(runner(work, context.resourceName())).toString('base64');
    const process = await beginCommand(
      {
        ...ssh,
        stdin: `${payload}\n`,
        endsWithInput: true,
        // What comes before is a greeting of the account's shell or of sudo.
        isOwn: (line) => isConnected && !line.startsWith(mark),
        onLine(line) {
          if (line.startsWith(mark)) {
            connect();
            return;
          }
          said.push(line);
          if (said.length > 20) said.shift();
          if (isConnected) context.log(line);
        },
      },
      context,
    );
    const failed = process.lost.then(() => {
      throw connectionError(place.route, said.join('\n'));
    });
    failed.catch(() => undefined);
    try {
      await Promise.race([connected, failed, aborted(context.signal)]);
    } catch (error) {
      await process.end();
      throw error;
    }
    return process;
  } finally {
    // ssh has read its keys: a private one lies about no longer than it must.
    await clean();
  }
}

const aborted = (signal: AbortSignal): Promise<never> =>
  new Promise((_, reject) => {
    const fail = (): void => {
      reject(signal.reason instanceof Error ? signal.reason : new Error('stopped'));
    };
    if (signal.aborted) fail();
    else signal.addEventListener('abort', fail, { once: true });
  });

/** The first line of the input holds what to run; `read` takes no byte beyond it. */
const beginning = (mark: string, sudo: string | undefined): string =>
  [
    ...(sudo === undefined ? [] : [ENTER_FOLDER]),
    `IFS= read -r payload; printf '\\n%s\\n' "${mark}" >&2; eval "$(printf %s "$payload" | base64 -d)"`,
  ].join('\n');

/**
 * Runs the command as a process group of its own that ends when the input does. A file names the one that runs, by
 * number and time of start, for the next connection.
 */
function runner(work: Work, name: string): string {
  const input = Buffer.from(work.stdin).toString('base64');
  return [
    'umask 077; f="$HOME/.drillbook/background"; mkdir -p -- "$f"',
    `f="$f/${name}"; finish() { kill -TERM -- "-$1"; for i in 1 2 3 4 5 6 7 8 9 10; do`,
    '  kill -0 -- "-$1" || return 0; sleep 0.3; done; kill -KILL -- "-$1"; }',
    'if [ -f "$f" ]; then { IFS= read -r p; IFS= read -r s; } <"$f"',
    '  if [ "$(ps -o lstart= -p "$p")" = "$s" ]; then finish "$p" 2>/dev/null; fi; fi',
    // What bash itself says of its jobs is not the command's word.
    'exec 4<&0 5>&2 </dev/null 2>/dev/null; set -m',
    `( exec 4<&- 2>&5 5>&- < <(printf %s ${quoteAlways(input)} | base64 -d); ${settings(work).replaceAll('\n', '; ') || ':'}; exec ${work.argv.map(quoteAlways).join(' ')} ) &`,
    'p=$!; { echo "$p"; ps -o lstart= -p "$p"; } >"$f"',
    '( cat <&4 >/dev/null; finish "$p" ) 5>&- & w=$!',
    'exec 4<&-; wait "$p"; c=$?; kill -KILL -- "-$p" "-$w"; rm -f -- "$f"; exit "$c"',
  ].join('\n');
}
