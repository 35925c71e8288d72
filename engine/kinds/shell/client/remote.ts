import { randomBytes } from 'node:crypto';
import type { StepContext } from '../../../model/kind.ts';
import { StepError } from '../../../model/kind.ts';
import type { Host } from './host.ts';
import type { Finished } from '../../machine/process.ts';
import { quote } from '../../machine/quote.ts';
import { connectionError, runSsh, SSH_FAILED } from './ssh.ts';

/** Best effort, after the step was stopped. */
const KILL_MS = 10_000;
const MAX_STDOUT = 1024 * 1024;
const MAX_STDERR = 64 * 1024;

/** What is run, as the far side gets it. */
export interface Work {
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string | undefined;
  readonly stdin: string;
}

/** Where it is run. */
export interface Place {
  readonly route: readonly Host[];
  /** Undefined: as the user that logs in; an empty name: as root. */
  readonly sudo: string | undefined;
}

type Context = Pick<StepContext, 'secrets' | 'signal' | 'log'>;

/**
 * Runs something on a host. Variables and script travel on the standard input: the far side's list of
 * processes shows none of them but the script. Its end is that of the remote command; no connection is a `StepError`.
 */
export async function runRemote(work: Work, place: Place, context: Context): Promise<Finished> {
  return runPayload(
    `${settings(work)}\nexec ${work.argv.map(quoteAlways).join(' ')}`,
    work.stdin,
    place,
    context,
  );
}

/** Variables and folder, as lines of a shell. */
export const settings = ({ env, cwd }: Pick<Work, 'env' | 'cwd'>): string =>
  [
    ...Object.entries(env).map(([name, value]) => `export ${name}=${quoteAlways(value)}`),
    ...(cwd === undefined ? [] : [`cd -- ${quoteAlways(cwd)}`]),
  ].join('\n');

export const quoteAlways = (word: string): string => `'${word.replaceAll("'", String.raw`'\''`)}'`;

/** Runs lines of bash on a host, `stdin` being theirs. */
export async function runPayload(
  payload: string,
  stdin: string,
  place: Place,
  context: Context,
): Promise<Finished> {
  const mark = `drillbook ${randomBytes(8).toString('hex')}`;
  const begun = new RegExp(`^${mark} (\\d+)\n`, 'm');
  let pid: string | undefined;
  try {
    const finished = await runSsh({
      ...{ route: place.route, secrets: context.secrets, signal: context.signal },
      ...{ maxStdout: MAX_STDOUT, maxStderr: MAX_STDERR },
      command: `exec ${asUser(place.sudo)}bash --norc -c ${quoteAlways(bootstrap(mark))}`,
      stdin: `${Buffer.from(payload).toString('base64')}\n${stdin}`,
      onLine(line) {
        const started = begun.exec(`${line}\n`);
        if (started === null) context.log(line);
        else pid = started[1];
      },
    });
    const stderr = finished.stderr.replace(begun, '');
    if (finished.exitCode === SSH_FAILED) checkConnection(pid !== undefined, stderr, place.route);
    if (pid === undefined) throw notStarted(finished, place);
    return { ...finished, stderr };
  } catch (error) {
    if (context.signal.aborted && pid !== undefined) await endRemote(pid, place, context);
    throw error;
  }
}

/** The first line of the input holds what to run; `read` takes no byte beyond it. */
export const bootstrap = (mark: string): string =>
  `IFS= read -r payload; echo "${mark} $$" >&2; eval "$(printf %s "$payload" | base64 -d)"`;

export const asUser = (sudo: string | undefined): string =>
  sudo === undefined ? '' : `sudo -n ${sudo === '' ? '' : `-u ${quote(sudo)} `}-- `;

/** 255 is ssh's word for a connection that failed, and may be the command's own. */
function checkConnection(begun: boolean, stderr: string, route: readonly Host[]): void {
  if (!begun) throw connectionError(route, stderr);
  const lost =
    /closed by remote host|Broken pipe|Connection reset|not responding|client_loop|Connection to .* closed/;
  if (!lost.test(stderr)) return;
  throw new StepError(`the connection to ${route.at(-1)?.name ?? 'the host'} broke while the command ran`, {
    code: 'connectionLost',
    changed: 'maybe',
    hint: 'It may still run there. Long work survives this with "job: true".',
    details: { stderr },
  });
}

/** The connection stood, and bash did not begin. */
function notStarted({ exitCode, stderr }: Finished, { route, sudo }: Place): StepError {
  const name = route.at(-1)?.name ?? 'the host';
  const said = stderr.trim().split('\n').at(-1) ?? '';
  const isSudo = sudo !== undefined && /sudo/i.test(stderr);
  return new StepError(
    `${isSudo ? `sudo does not let the user do this on ${name}` : `nothing could be started on ${name}`}: ${said}`,
    {
      code: isSudo ? 'sudo' : 'notStarted',
      hint: isSudo
        ? 'The account needs a rule with NOPASSWD: nobody can type a password here.'
        : 'The host needs bash and base64, and an account with a shell.',
      details: { exitCode: exitCode ?? null, stderr },
    },
  );
}

/** A command whose connection ends would go on: it and what it started is ended by its process group. */
async function endRemote(pid: string, { route, sudo }: Place, { secrets }: Context): Promise<void> {
  const group = `g=$(ps -o pgid= -p ${pid} | tr -d ' ') && [ -n "$g" ]`;
  const end = `${group} && kill -TERM -- "-$g" && sleep 1 && kill -KILL -- "-$g"`;
  await runSsh({
    ...{ route, secrets, stdin: '', maxStdout: 1, maxStderr: 1000, onLine: () => undefined },
    signal: AbortSignal.timeout(KILL_MS),
    command: `exec ${asUser(sudo)}bash --norc -c ${quoteAlways(end)}`,
  }).catch(() => undefined);
}
