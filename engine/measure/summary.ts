import { tellable } from '../model/blind.ts';
import type { Event, RunOutcome } from '../model/event.ts';
import type { WaitsFor } from '../model/life-event.ts';
import type { EnvironmentKind } from '../model/environment.ts';
import type { Mode } from '../model/mode.ts';
import { isLeftOut, recordRun } from './record.ts';
import type { DebtRecord, RunRecord } from './record.ts';
import { timeClasses } from './time.ts';
import type { ClassTimes } from './class-times.ts';
import type { RowsLost, RpoVerdict } from './loss.ts';
import type { RtoVerdict, Verdicts } from './verdicts.ts';
import { verdictsOf } from './verdicts.ts';

/** `interrupted`: neither paused nor finished, and nobody writes on it: its process died. */
export type RunPhase = 'running' | 'paused' | 'interrupted' | 'finished';

/** A run in a few words, for the last screen and for lists. */
export interface RunSummary {
  /** Empty, as the other texts are, when the run died before its first event was written. */
  readonly run: string;
  readonly mode: Mode | '';
  readonly playbook: string;
  readonly title: string;
  /** The environment's name. */
  readonly environment: string;
  readonly environmentKind: EnvironmentKind | '';
  /** Which sandbox; absent for the usual one. */
  readonly world?: string;
  /** How the world was broken, where a drill did so. */
  readonly rehearsal?: string;
  /** The branches that were taken, in their order, as `choice: branch`; those inside of loops are not among them. */
  readonly branches: readonly string[];
  readonly operator: string;
  /** Everybody who drove it, in any of its lives; a machine's user where nobody was there. */
  readonly people: readonly string[];
  /** SHA-256 of the playbook's file as it was; absent where the journal does not hold it. */
  readonly edition?: string;
  /** Nobody was there to be asked, in any life of the run. */
  readonly unattended: boolean;
  readonly state: RunPhase;
  readonly resumable: boolean;
  /** Of a run that is paused: who has to go on with it. Says nothing of one that somebody writes on again. */
  readonly waitsFor?: WaitsFor;
  /** What the person is asked that it waits for. */
  readonly asks?: string;
  readonly outcome?: RunOutcome;
  /** Why the run ended or paused as it did. */
  readonly reason?: string;
  readonly exitCode: 0 | 1 | 3 | 130;
  /** Microseconds since the epoch. */
  readonly startedAt?: number;
  /** The last event, or the end. */
  readonly lastAt?: number;
  /** The whole run, pauses included. */
  readonly elapsedMs: number;
  /** Where that time went, in microseconds. */
  readonly classes: ClassTimes;
  readonly rto?: RtoVerdict;
  readonly rpo?: RpoVerdict;
  readonly loss?: RowsLost;
  /** Why what was lost could not be counted. */
  readonly uncounted?: string;
  readonly stepsDone: number;
  readonly stepsFailed: number;
  readonly openDebts: number;
  /** Ids of the called playbooks that were carried out to their end. */
  readonly calls: readonly string[];
  /** Checks that stayed green while the world was broken. */
  readonly unprovenChecks: number;
}

/**
 * What became of a run. `writing`: somebody holds its lock (the journal cannot know); without
 * that word a run that is neither paused nor finished counts as interrupted.
 */
export function summarize(
  happened: readonly Event[],
  options: { readonly writing?: boolean } = {},
): RunSummary {
  const events = tellable(happened);
  const record = recordRun(events);
  const { started, finished, paused } = record;
  const { totalMicros, classes, modelled } = timeClasses(events);
  const found = verdictsOf(record, modelled);
  const state = phaseOf(record, options.writing === true);
  const steps = [...record.steps.values()];
  const edition = started?.sources.find(({ role }) => role === 'playbook')?.sha256;
  const reason = finished === undefined ? paused?.reason : finished.reason;
  return {
    run: started?.run ?? '',
    mode: started?.mode ?? '',
    playbook: started?.playbook ?? '',
    title: started?.title ?? '',
    environment: started?.environment.name ?? '',
    environmentKind: started?.environment.kind ?? '',
    ...(started?.world !== undefined && { world: started.world }),
    ...(started?.rehearsal !== undefined && { rehearsal: started.rehearsal }),
    branches: branchesOf(record),
    operator: started?.operator ?? '',
    people: [...new Set([started, ...record.resumes].flatMap((life) => life?.operator ?? []))],
    ...(edition !== undefined && { edition }),
    unattended: isUnattended(record),
    state,
    resumable: (state === 'paused' || state === 'interrupted') && started !== undefined,
    ...(state === 'paused' && paused?.waitsFor !== undefined && { waitsFor: paused.waitsFor }),
    ...(state === 'paused' && paused?.asks !== undefined && { asks: paused.asks }),
    ...(finished !== undefined && { outcome: finished.outcome }),
    ...(reason !== undefined && { reason }),
    exitCode: exitCode(finished?.outcome, found),
    ...(started !== undefined && { startedAt: started.at }),
    ...(record.lastAt !== undefined && { lastAt: finished?.at ?? record.lastAt }),
    elapsedMs: totalMicros / 1000,
    classes,
    ...found,
    stepsDone: steps.filter((step) => step.finished !== undefined).length,
    stepsFailed: steps.filter(
      ({ key, finished: end }) => end?.conclusion === 'failed' && !isLeftOut(record, key),
    ).length,
    openDebts: owed(record).length,
    calls: record.scopes.flatMap(({ key, playbook }) =>
      playbook !== undefined && record.scopesDone.has(key) ? [playbook] : [],
    ),
    unprovenChecks: record.proofs.filter(({ verdict }) => verdict === 'green').length,
  };
}

/** A summary that was made without knowing whether somebody holds the run's lock, once that is known. */
export const withWriter = (summary: RunSummary, writing: boolean): RunSummary =>
  writing && summary.state !== 'finished' ? { ...summary, state: 'running', resumable: false } : summary;

/** Whether no life of the run had anybody to ask. */
export const isUnattended = ({ started, resumes }: RunRecord): boolean =>
  started?.unattended === true && resumes.every(({ unattended }) => unattended);

/** What items and rounds choose hangs on what is found in them, and is no way that the run as a whole took. */
const branchesOf = ({ choices }: RunRecord): readonly string[] =>
  choices.filter(({ key }) => !/[[#]/.test(key)).map(({ key, branch }) => `${key}: ${branch}`);

const SETTLED: ReadonlySet<string | undefined> = new Set(['settled', 'paid', 'void']);

/**
 * What is still owed: left open, or it could not be paid. What only an abort takes back is owed to nobody
 * unless there was one.
 */
export const owed = ({ debts, abort }: RunRecord): readonly DebtRecord[] =>
  [...debts.values()].filter(
    ({ opened, settled }) => !SETTLED.has(settled?.how) && (opened.due === 'exit' || abort !== undefined),
  );

function phaseOf({ finished, paused }: RunRecord, isWriting: boolean): RunPhase {
  if (finished !== undefined) return 'finished';
  if (isWriting) return 'running';
  return paused === undefined ? 'interrupted' : 'paused';
}

/**
 * 0: done, every objective met. 1: ran to the end, but a verification failed, or an objective
 * was missed or not proven: what nobody can show was not achieved. 3: failed or aborted.
 * 130: not at its end.
 */
function exitCode(outcome: RunOutcome | undefined, { rto, rpo }: Verdicts): RunSummary['exitCode'] {
  switch (outcome) {
    case undefined:
      return 130;
    case 'succeeded':
      return [rto, rpo].every((objective) => objective === undefined || objective.verdict === 'met') ? 0 : 1;
    case 'failedVerification':
      return 1;
    case 'failed':
    case 'aborted':
      return 3;
  }
}
