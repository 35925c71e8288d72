import { isJsonObject } from '../../../base/json.ts';
import type { ValueMap } from '../../../base/value.ts';
import type { StepContext } from '../../../model/kind.ts';
import { StepError, Stopped } from '../../../model/kind.ts';
import { poll } from '../../context/poll.ts';
import { excerpt } from '../../machine/capture.ts';
import type { Finished } from '../../machine/process.ts';
import type { RemotePlace, Work } from './remote.ts';
import { quoteAlways, runPayload, settings } from './remote.ts';

const MAX_STDOUT = 1024 * 1024;
const MAX_STDERR = 64 * 1024;
/** The job itself goes on; what it has said until then is fetched yet. */
const LATE_MS = 10_000;

interface State {
  readonly word: 'absent' | 'running' | 'lost' | 'ended';
  readonly exitCode: number;
  /** Of its output, for the screen. */
  readonly lastLine: string;
}

/**
 * Long work on a host: started detached, with a folder there that tells what became of it, and watched. It goes on
 * when the connection or drillbook ends, and a later life of the step finds it by the folder's name,
 * which is derived from run and step.
 */
export async function runJob(work: Work, place: RemotePlace, context: StepContext): Promise<Finished> {
  const attempt = attemptOf(context);
  const folder = `$HOME/.drillbook/jobs/${context.resourceName(attempt === 0 ? undefined : String(attempt))}`;
  const quiet = { ...context, log: () => undefined };
  const name = place.route.at(-1)?.name ?? 'the host';
  const before = await stateOf(folder, place, quiet);
  if (before.word === 'absent') {
    await context.saveCheckpoint({ job: attempt });
    await runPayload(starter(work, folder), work.stdin, place, quiet);
    context.log(`started on ${name}, in ${folder}`);
  } else {
    context.log(`it was started before, on ${name}, in ${folder}`);
  }
  const end = await poll(context, {
    reason: `the job runs on ${name}`,
    read: () => stateOf(folder, place, quiet),
    show: ({ lastLine, word }) => (lastLine === '' ? `the job on ${name}: ${word}` : lastLine),
    done({ word }) {
      if (word === 'lost') throw lost(folder, name);
      return word === 'ended';
    },
  }).catch(async (error: unknown) => {
    if (!context.signal.aborted) throw error;
    const late = { ...quiet, signal: AbortSignal.timeout(LATE_MS) };
    throw new Stopped(context.signal.reason, await saidSoFar(folder, place, late).catch(() => ({})));
  });
  // The next try is another job, not this one's result once more.
  if (end.exitCode !== 0) await context.saveCheckpoint({ job: attempt + 1, before: attempt });
  const [stdout, stderr] = await outputsOf(folder, place, quiet);
  return {
    exitCode: end.exitCode,
    endedBy: undefined,
    stdout: stdout.text,
    stderr: stderr.text,
    truncated: { stdout: stdout.truncated, stderr: stderr.truncated },
    excerpts: excerptsOf(stdout.text, stderr.text),
    left: [],
  };
}

const outputsOf = (folder: string, place: RemotePlace, context: Quiet) =>
  Promise.all([
    fetch(`${folder}/out`, MAX_STDOUT, place, context),
    fetch(`${folder}/err`, MAX_STDERR, place, context),
  ]);

const excerptsOf = (stdout: string, stderr: string): ValueMap => ({
  stdout: excerpt(stdout),
  stderr: excerpt(stderr),
});

/** What a job that goes on has said so far. */
async function saidSoFar(folder: string, place: RemotePlace, context: Quiet): Promise<ValueMap> {
  const [stdout, stderr] = await outputsOf(folder, place, context);
  return excerptsOf(stdout.text, stderr.text);
}

function attemptOf({ checkpoint }: StepContext): number {
  const job = isJsonObject(checkpoint) ? checkpoint['job'] : undefined;
  return typeof job === 'number' ? job : 0;
}

/**
 * Starts the runner in a session of its own. The runner makes the folder, and whoever cannot make it because it is there
 * ends: two starters never make two jobs. What the job reads lies in a file only until it has been opened.
 */
function starter(work: Work, folder: string): string {
  const runner = [
    'mkdir -- "$d" || exit 0',
    'exec <"$i"; rm -f -- "$i"',
    'ps -o lstart= -p $$ >"$d/since"; echo $$ >"$d/pid"',
    '"$@" >"$d/out" 2>"$d/err"; c=$?',
    'echo "$c" >"$d/exit.new"; mv -- "$d/exit.new" "$d/exit"',
  ].join('\n');
  return [
    'set -eu; umask 077',
    `d="${folder}"; mkdir -p -- "$HOME/.drillbook/jobs"; i="$d.$$"; cat >"$i"; export d i`,
    settings(work),
    `setsid bash --norc -c ${quoteAlways(runner)} drillbook ${work.argv.map(quoteAlways).join(' ')} >/dev/null 2>&1 </dev/null &`,
    // Until the runner has made the folder, or ended: from then on it is found.
    'p=$!; while [ ! -e "$d/pid" ] && [ ! -e "$d/exit" ] && kill -0 "$p" 2>/dev/null; do sleep 0.1; done',
  ].join('\n');
}

async function stateOf(folder: string, place: RemotePlace, context: Quiet): Promise<State> {
  const { stdout } = await runPayload(
    [
      `d="${folder}"`,
      'if [ ! -d "$d" ]; then echo absent',
      'elif [ -f "$d/exit" ]; then echo "ended $(cat "$d/exit")"',
      'elif [ -f "$d/pid" ] && [ "$(ps -o lstart= -p "$(cat "$d/pid")")" = "$(cat "$d/since")" ]; then echo running',
      'elif [ -f "$d/exit" ]; then echo "ended $(cat "$d/exit")"',
      'else echo lost; fi',
      'tail -qn 1 "$d/out" "$d/err" 2>/dev/null | cut -c 1-200',
    ].join('\n'),
    '',
    place,
    context,
  );
  const [state = '', ...lines] = stdout.split('\n');
  const [word = '', code = '0'] = state.split(' ');
  if (word !== 'absent' && word !== 'running' && word !== 'lost' && word !== 'ended') {
    throw new StepError('the host did not tell the state of the job', { code: 'badAnswer', retryable: true });
  }
  return { word, exitCode: Number(code), lastLine: lines.filter((line) => line !== '').at(-1) ?? '' };
}

type Quiet = Pick<StepContext, 'secrets' | 'signal' | 'log'>;

/** The end of a file there. */
async function fetch(
  file: string,
  limit: number,
  place: RemotePlace,
  context: Quiet,
): Promise<{ readonly text: string; readonly truncated: boolean }> {
  const lines = `f="${file}"; wc -c <"$f"; tail -c ${String(limit)} "$f"`;
  const { stdout } = await runPayload(lines, '', place, context);
  const end = stdout.indexOf('\n');
  return { text: stdout.slice(end + 1), truncated: Number(stdout.slice(0, end)) > limit };
}

const lost = (folder: string, name: string): StepError =>
  new StepError(`the job on ${name} ended without a result: it was killed, or the machine was started anew`, {
    code: 'jobLost',
    changed: 'maybe',
    hint: `What it wrote is in ${folder} there. Remove that folder to have another try start it again.`,
  });
