import { rfc3339 } from '../base/human.ts';
import type { JsonObject } from '../base/json.ts';
import type { RunSummary } from '../measure/summary.ts';
import { runJson } from './measured.ts';
import { defined, output } from './output.ts';

/** A run in a few words, or one whose journal cannot be read. */
export type ListedRun = RunSummary | { readonly run: string; readonly state: 'altered' };

/** `drillbook runs` for programs, the newest first. */
export const runsJson = (runs: readonly ListedRun[]): JsonObject =>
  output('runs', {
    runs: runs.map((run) => (run.state === 'altered' ? { ...run } : listedJson(run))),
  });

const listedJson = (run: RunSummary): JsonObject =>
  defined({
    ...runJson(run),
    playbook: run.playbook,
    title: run.title,
    operator: run.operator,
    state: run.state,
    resumable: run.resumable,
    waitsFor: run.state === 'paused' ? run.waitsFor : undefined,
    asks: run.state === 'paused' ? run.asks : undefined,
    outcomeReason: run.reason,
    lastAt: run.lastAt === undefined ? undefined : rfc3339(run.lastAt),
    elapsedMs: run.elapsedMs,
    uncounted: run.uncounted,
    stepsDone: run.stepsDone,
    stepsFailed: run.stepsFailed,
    openDebts: run.openDebts,
    calls: [...run.calls],
    unprovenChecks: run.unprovenChecks,
  });
