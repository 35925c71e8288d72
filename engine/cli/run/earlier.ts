import { Instant } from '../../base/instant.ts';
import type { ValueMap } from '../../base/value.ts';
import { decodeValue, isValueMap } from '../../base/value.ts';
import type { Store } from '../../journal/store.ts';
import type { Environment } from '../../model/environment.ts';
import type { RunSummary } from '../../measure/summary.ts';
import { isEvidence } from '../../model/mode.ts';
import { backupOf } from '../../model/backup.ts';
import type { Event, StepFinished } from '../../model/event.ts';
import type { ScopeLeft } from '../../model/flow-event.ts';
import type { Earlier } from '../../model/kind.ts';
import { summarizedRuns } from './summaries.ts';

/**
 * What a step said in the newest run of a playbook in which it succeeded. A run of another environment says
 * nothing about this one, but for proofs of backups: they are carried out in copies of their own, whoever asks.
 */
export async function earlierSaid(
  store: Store,
  environment: Pick<Environment, 'name' | 'kind'>,
  playbook: string,
  step: string,
): Promise<Earlier> {
  const unreadable: string[] = [];
  // The overview knows whose runs they are: of ten thousand only those of the playbook are read.
  for (const { run, summary } of await summarizedRuns(store)) {
    if (summary !== undefined && !isOf(summary, environment, playbook)) continue;
    const events = summary === undefined ? undefined : await store.read(run).catch(() => undefined);
    if (events === undefined) unreadable.push(run);
    else {
      const said = lastOutput(events, step);
      if (said !== undefined) return { said: { run, ...said }, unreadable };
    }
  }
  return { said: undefined, unreadable };
}

function isOf(
  run: RunSummary,
  { name, kind }: Pick<Environment, 'name' | 'kind'>,
  playbook: string,
): boolean {
  if (run.playbook !== playbook || !isEvidence(run.mode)) return false;
  return backupOf(playbook) !== undefined || (run.environment === name && run.environmentKind === kind);
}

function lastOutput(
  events: readonly Event[],
  step: string,
): { readonly at: Instant; readonly output: ValueMap } | undefined {
  const ended = events.findLast((event) => hasOutput(event) && event.key === step);
  if (ended === undefined || !hasOutput(ended) || !SUCCEEDED.has(ended.outcome)) return undefined;
  const output = decodeValue(ended.output ?? null);
  return isValueMap(output) ? { at: new Instant(ended.at), output } : undefined;
}

/** A step, or the item of a loop. */
const hasOutput = (event: Event): event is Event<StepFinished | ScopeLeft> =>
  event.type === 'step.finished' || event.type === 'scope.left';

const SUCCEEDED: ReadonlySet<string> = new Set(['succeeded', 'done']);
