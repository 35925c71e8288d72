import { abandonment } from '../../interpret/abandon.ts';
import type { Abandonment } from '../../interpret/abandon.ts';
import type { OpenRun } from '../../journal/store.ts';
import type { Event } from '../../model/event.ts';
import { recordedPlaybook } from './recorded-playbook.ts';
import { removeWorldOf } from './world.ts';

export interface GivenUpRun extends Abandonment {
  /** Why its sandbox could not be removed, if so. */
  readonly problem?: string | undefined;
}

/** Ends a run that nobody will resume, and its sandbox. Nothing is undone or paid. `history`: all that was written of it. */
export async function giveUp(
  open: OpenRun,
  history: readonly Event[],
  why: { readonly reason: string; readonly by: string },
): Promise<GivenUpRun> {
  const left = abandonment(history, why, await playbookOf(history));
  await open.journal.append(...left.events);
  await open.seal();
  return { ...left, problem: await removeWorldOf(history) };
}

/** Undefined where this engine cannot read it any more: a run must end all the same. */
async function playbookOf(history: readonly Event[]) {
  const started = history.find((event) => event.type === 'run.started');
  if (started === undefined) return undefined;
  return recordedPlaybook(started).then(
    ({ playbook }) => playbook,
    () => undefined,
  );
}
