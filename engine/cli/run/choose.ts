import { humanDuration } from '../../base/human.ts';
import { table } from '../../base/layout.ts';
import { StoreError } from '../../journal/store.ts';
import type { Store } from '../../journal/store.ts';
import type { RunSummary } from '../../measure/summary.ts';
import type { Event } from '../../model/event.ts';
import { systemClock } from '../clock.ts';
import { CommandError, EXIT } from '../exit.ts';
import { invocation } from '../invocation.ts';
import { isInteractive } from '../terminal.ts';
import { readableRuns } from './summaries.ts';

/** The events of a run; undefined when its journal cannot be read, for which `report` says why. */
export async function eventsOf(store: Store, run: string): Promise<readonly Event[] | undefined> {
  try {
    return await store.read(run);
  } catch (error) {
    if (error instanceof StoreError) return undefined;
    throw error;
  }
}

/** The newest run, whatever became of it. */
export async function newestRun(store: Store): Promise<string> {
  const [newest] = await store.list();
  if (newest !== undefined) return newest;
  throw new CommandError('there is no run in this store yet', {
    exitCode: EXIT.invalid,
    hint: `${invocation('drill PLAYBOOK')} makes one. Another store: --store PLACE or DRILLBOOK_STORE.`,
  });
}

/** The run that can be resumed. Of several the operator takes one, where there is a terminal; none is guessed. */
export async function resumableRun(store: Store): Promise<string> {
  const all = await readableRuns(store);
  const resumable = all.filter(({ resumable: can }) => can);
  const [only, ...others] = resumable;
  if (only === undefined) throw nothingToResume(all);
  if (others.length === 0) return only.run;
  const [heading, ...lines] = table([HEADINGS, ...resumable.map(row)]);
  if (!isInteractive()) {
    throw new CommandError(['several runs can be resumed:', heading, ...lines].join('\n  '), {
      exitCode: EXIT.invalid,
      hint: `Say which: ${invocation('resume RUN')}. One that nobody will resume: ${invocation('abandon RUN')}.`,
    });
  }
  const { pick } = await import('../../present/pick.ts');
  const picked = await pick(
    'Several runs can be resumed. Which?',
    resumable.map(({ run }, index) => ({ name: lines[index] ?? run, value: run })),
  );
  if (picked.ok) return picked.value;
  throw new CommandError(picked.error, { exitCode: EXIT.interrupted });
}

function nothingToResume(all: readonly RunSummary[]): CommandError {
  const running = all.filter(({ state }) => state === 'running');
  const [first] = running;
  if (first === undefined) {
    return new CommandError('there is no run to resume', {
      exitCode: EXIT.invalid,
      hint: `${invocation('runs')} shows them all.`,
    });
  }
  const what = running.map(({ run, playbook, environment }) => `${run} (${playbook}, ${environment})`);
  return new CommandError(
    `no run waits to be resumed, but ${running.length === 1 ? 'one is' : 'some are'} under way: ${what.join(', ')}`,
    {
      exitCode: EXIT.invalid,
      hint: `Another process drives it. Ctrl-C there pauses it; then ${invocation(`resume ${first.run}`)} goes on with it here.`,
    },
  );
}

const HEADINGS = ['RUN', 'PLAYBOOK', 'ENVIRONMENT', 'STATE', 'LAST EVENT'];

function row({ run, playbook, environment, state, lastAt }: RunSummary): readonly string[] {
  const ageMs = lastAt === undefined ? undefined : (systemClock.now().epochMicros - lastAt) / 1000;
  const age = ageMs === undefined ? '–' : `${humanDuration(Math.max(0, ageMs))} ago`;
  return [run, playbook, environment, state, age];
}
