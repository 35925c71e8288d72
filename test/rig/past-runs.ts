import type { EventBody, RunOutcome } from '../../engine/model/event.ts';
import type { EnvironmentKind } from '../../engine/model/environment.ts';
import type { Mode } from '../../engine/model/mode.ts';
import { testStore } from '../journal/rig.ts';
import { started } from '../measure/rig.ts';

export interface PastRun {
  /** RFC 3339: when it was started. Its id is made of it. */
  readonly at: string;
  readonly playbook?: string;
  readonly mode?: Mode;
  readonly environment?: { readonly name: string; readonly kind: EnvironmentKind };
  readonly rehearsal?: string;
  readonly rtaMinutes?: number;
  readonly rpaSeconds?: number;
  readonly outcome?: RunOutcome;
  readonly reason?: string;
  readonly operator?: string;
  /** What happened between start and end. */
  readonly steps?: readonly EventBody[];
}

/** The run's id, as `drillbook` would have made it. */
export const runIdOf = ({ at }: PastRun): string =>
  `${at.replaceAll('-', '').slice(0, 8)}-${at.slice(11, 16).replace(':', '')}-past`;

/** Writes runs into a store, as if they had been carried out then. RTO 30 minutes, RPO 24 hours. */
export async function writePastRuns(root: string, runs: readonly PastRun[]): Promise<readonly string[]> {
  for (const run of runs) await writePastRun(root, run);
  return runs.map(runIdOf);
}

async function writePastRun(root: string, past: PastRun): Promise<void> {
  const { store, clock } = testStore(root);
  const begin = Date.parse(past.at);
  clock.wallMs = begin;
  const open = await store.create(runIdOf(past));
  const { rtaMinutes = 10, rpaSeconds = 5 } = past;
  await open.journal.append(
    started({
      run: runIdOf(past),
      mode: past.mode ?? 'drill',
      playbook: past.playbook ?? 'database-corruption',
      environment: past.environment ?? { name: 'sandbox', kind: 'sandbox' },
      operator: past.operator ?? 'ada',
      ...(past.rehearsal !== undefined && { rehearsal: past.rehearsal }),
      ...(past.reason !== undefined && { reason: past.reason }),
      objectives: {
        rto: { targetMs: 30 * 60_000, from: 'detected', to: 'verified' },
        rpo: { targetMs: 24 * 3_600_000, evidence: 'heartbeat', to: 'occurred' },
      },
    }),
    { type: 'mark.set', mark: 'occurred', time: begin * 1000, source: 'fault' },
    { type: 'mark.set', mark: 'detected', time: begin * 1000, source: 'detect' },
    {
      type: 'recorded',
      key: 'restore',
      name: 'recoveryPoint',
      value: { $time: new Date(begin - rpaSeconds * 1000).toISOString() },
    },
  );
  clock.pass(rtaMinutes * 60_000);
  await open.journal.append(...(past.steps ?? []), {
    type: 'mark.set',
    mark: 'verified',
    time: clock.wallMs * 1000,
    source: 'step',
  });
  await open.journal.append({ type: 'run.finished', outcome: past.outcome ?? 'succeeded' });
  await open.seal();
  await open.close();
}
