import { randomBytes } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { callFolder } from './call-folder.ts';
import type { StepContext } from '../../../model/kind.ts';
import { StepError } from '../../../model/kind.ts';
import type { Finished } from '../../machine/process.ts';
import { runCommand } from '../../machine/process.ts';
import { asUser, bootstrap } from './bootstrap.ts';
import { Frame } from './frame.ts';
import { dropConnection, heldConnection } from './held-connection.ts';
import type { Host } from './host.ts';
import { connectionError, SSH_FAILED, sshCommand } from './ssh.ts';

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
export interface RemotePlace {
  readonly route: readonly Host[];
  /** Undefined: as the user that logs in; an empty name: as root. */
  readonly sudo: string | undefined;
}

type Context = Pick<StepContext, 'secrets' | 'signal' | 'log'>;

/**
 * Runs something on a host. Variables and script travel on the standard input: the far side's list of
 * processes shows none of them but the script. Its end is that of the remote command; no connection is a `StepError`.
 */
export async function runRemote(work: Work, place: RemotePlace, context: Context): Promise<Finished> {
  return runPayload(
    `${settings(work)}\nexec ${work.argv.map(quoteAlways).join(' ')}`,
    work.stdin,
    place,
    context,
    true,
  );
}

/** Variables and folder, as lines of a shell. */
export const settings = ({ env, cwd }: Pick<Work, 'env' | 'cwd'>): string =>
  [
    ...Object.entries(env).map(([name, value]) => `export ${name}=${quoteAlways(value)}`),
    ...(cwd === undefined ? [] : [`cd -- ${quoteAlways(cwd)}`]),
  ].join('\n');

export const quoteAlways = (word: string): string => `'${word.replaceAll("'", String.raw`'\''`)}'`;

/** Runs lines of bash on a host, `stdin` being theirs. `nameLeft`: what they leave running is named. */
export async function runPayload(
  payload: string,
  stdin: string,
  place: RemotePlace,
  context: Context,
  nameLeft = false,
): Promise<Finished> {
  const input = encoded(payload) + stdin;
  const socket = await heldConnection(place.route, context);
  const first = await runFramed(input, place, context, { socket, nameLeft });
  if (socket === undefined || first.frame.isReady || first.finished.exitCode !== SSH_FAILED) {
    return judged(first, place);
  }
  // The connection was dead, and nobody had noticed: nothing was sent over it.
  await dropConnection(place.route);
  const anew = await heldConnection(place.route, context);
  return judged(await runFramed(input, place, context, { socket: anew, nameLeft }), place);
}

/** Lines of bash as the bootstrap reads them. */
export const encoded = (payload: string): string => `${Buffer.from(payload).toString('base64')}\n`;

interface Framed {
  readonly frame: Frame;
  readonly finished: Finished;
}

async function runFramed(
  input: string,
  place: RemotePlace,
  context: Context,
  { socket, nameLeft }: { readonly socket: string | undefined; readonly nameLeft: boolean },
): Promise<Framed> {
  const frame = new Frame();
  const mark = { pieces: frame.pieces, ...(nameLeft && { variable: randomBytes(12).toString('hex') }) };
  const folder = await callFolder();
  const { route, sudo } = place;
  try {
    const finished = await runCommand({
      ...(await sshCommand(folder, {
        ...{ route, socket, secrets: context.secrets, signal: context.signal },
        command: `exec ${asUser(sudo)}bash --norc -c ${quoteAlways(bootstrap(mark, sudo))}`,
      })),
      stdin: (to) => void frame.ready.then(() => to.end(input)),
      signal: context.signal,
      ...{ maxStdout: MAX_STDOUT, maxStderr: MAX_STDERR },
      onLine: (line) => context.log(line),
      sieve: (stream, chunk) => frame.sieve(stream, chunk),
      over: frame.over,
    });
    return { frame, finished };
  } catch (error) {
    if (context.signal.aborted && frame.pid !== undefined) await endRemote(frame.pid, place, context);
    throw error;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/**
 * It is told by how far it came whose failure one is: what the script ends with is the script's, whatever the number.
 * Throws `StepError` where that was not the script's.
 */
export function judged(
  { frame, finished }: { readonly frame: Frame; readonly finished: Finished },
  place: RemotePlace,
): Finished {
  const { exitCode } = frame;
  if (exitCode !== undefined) return { ...finished, exitCode, endedBy: undefined, left: frame.left };
  if (frame.isReady) throw connectionLost(place, finished);
  if (finished.exitCode === SSH_FAILED) throw connectionError(place.route, frame.noise);
  throw notStarted(finished.exitCode, frame.noise, place);
}

const connectionLost = ({ route }: RemotePlace, { excerpts }: Finished): StepError =>
  new StepError(`the connection to ${route.at(-1)?.name ?? 'the host'} broke while the command ran`, {
    code: 'connectionLost',
    changed: 'maybe',
    hint: 'It may still run there. Long work survives this with "job: true".',
    details: excerpts,
  });

/** The connection stood, and bash did not begin. */
function notStarted(exitCode: number | undefined, noise: string, { route, sudo }: RemotePlace): StepError {
  const name = route.at(-1)?.name ?? 'the host';
  const said = noise.trim().split(/\r*\n/).at(-1) ?? '';
  const isSudo = sudo !== undefined && /sudo/i.test(noise);
  return new StepError(
    `${isSudo ? `sudo does not let the user do this on ${name}` : `nothing could be started on ${name}`}: ${said}`,
    {
      code: isSudo ? 'sudo' : 'notStarted',
      hint: isSudo
        ? 'The account needs a rule with NOPASSWD: nobody can type a password here.'
        : 'The host needs bash and base64, and an account with a shell.',
      details: { exitCode: exitCode ?? null, stderr: noise },
    },
  );
}

/** A command whose connection ends would go on: it and what it started is ended by its process group. */
async function endRemote(pid: string, place: RemotePlace, { secrets }: Context): Promise<void> {
  const end = [
    `kill -TERM -- "-${pid}" || exit 0; n=0`,
    `while kill -0 -- "-${pid}" && [ "$n" -lt 50 ]; do sleep 0.1; n=$((n+1)); done; kill -KILL -- "-${pid}"`,
  ].join('\n');
  const context = { secrets, signal: AbortSignal.timeout(KILL_MS), log: () => undefined };
  await runPayload(`exec 2>/dev/null\n${end}`, '', place, context).catch(() => undefined);
}
