import { Duration } from '../base/duration.ts';
import { Instant } from '../base/instant.ts';
import type { Json } from '../base/json.ts';
import { decodeValue, isValueMap } from '../base/value.ts';
import type { Value } from '../base/value.ts';
import { tellable } from '../model/blind.ts';
import type { Event, RunOutcome } from '../model/event.ts';
import type { Mode } from '../model/mode.ts';
import type { KindOfOperation } from '../model/operation.ts';
import type { RunRecord, StepRecord } from './record.ts';
import { recordRun } from './record.ts';
import type { RunPhase } from './summary.ts';
import { summarize } from './summary.ts';

/** One line of the log that an auditor reads: a drill, a recovery, a tabletop, or a backup or a restore made in one. */
export interface Operation {
  /** When it was begun, microseconds since the epoch. */
  readonly at: number;
  readonly type: 'drill' | 'recovery' | 'tabletop' | 'backup' | 'restore';
  /** What was done, in words. */
  readonly operation: string;
  readonly run: string;
  readonly playbook: string;
  readonly environment: string;
  readonly reason?: string;
  readonly by: string;
  /** What was made, or what was restored from. */
  readonly backup?: string;
  readonly status: OperationStatus;
}

/** `unknown`: it was begun, and nobody wrote down how it ended. */
export type OperationStatus =
  | 'success'
  | 'failed'
  | 'failed verification'
  | 'aborted'
  | 'by hand'
  | 'unknown'
  | Exclude<RunPhase, 'finished'>;

/** The operations of one run, in the order of time; none for a run that died before its first event. */
export function operationsOf(
  happened: readonly Event[],
  options: {
    readonly writing?: boolean;
    readonly kind: (name: string) => KindOfOperation | undefined;
  },
): readonly Operation[] {
  const events = tellable(happened);
  const record = recordRun(events);
  const { started } = record;
  if (started === undefined) return [];
  const isRunning = options.writing === true && record.finished === undefined;
  const about = {
    run: started.run,
    playbook: started.playbook,
    environment: started.environment.name,
    ...(started.reason !== undefined && { reason: started.reason }),
  };
  const own: Operation = {
    ...about,
    at: started.at,
    type: TYPES[started.mode],
    operation: `${WORDS[started.mode]}: ${started.title}`,
    by: [...new Set([started.operator, ...record.resumes.map(({ operator }) => operator)])].join(', '),
    status: statusOfRun(events, options.writing === true),
  };
  const known = [...record.steps.values()].flatMap((step) => {
    const kind = step.started === undefined ? undefined : options.kind(step.started.kind);
    return kind === undefined || isNone(step, kind) ? [] : [{ step, kind }];
  });
  const steps = known.flatMap(({ step, kind }): Operation[] => {
    if (kind.is === 'fetch' || step.started === undefined) return [];
    const backup = kind.is === 'backup' ? backupOf(step, kind) : restoredFrom(step, kind, known);
    return [
      {
        ...about,
        at: step.started.at,
        type: kind.is,
        operation: `${kind.is === 'backup' ? 'Backup' : 'Restore'}: ${step.title}`,
        by: step.finished?.by ?? operatorOf(record, step.started),
        ...(backup !== undefined && { backup }),
        status: step.finished === undefined && isRunning ? 'running' : statusOfStep(step),
      },
    ];
  });
  return [own, ...steps.sort((a, b) => a.at - b.at)];
}

const TYPES = { drill: 'drill', recover: 'recovery', tabletop: 'tabletop' } as const satisfies Record<
  Mode,
  string
>;

const WORDS: Readonly<Record<Mode, string>> = { drill: 'Drill', recover: 'Recovery', tabletop: 'Tabletop' };

/** Whoever had started or resumed the run by then: by the order of the events, as clocks may be set. */
const operatorOf = ({ started, resumes }: RunRecord, { seq }: Event): string =>
  resumes.findLast((resume) => resume.seq <= seq)?.operator ?? started?.operator ?? '';

const OUTCOMES: Readonly<Record<RunOutcome, OperationStatus>> = {
  succeeded: 'success',
  failedVerification: 'failed verification',
  failed: 'failed',
  aborted: 'aborted',
};

function statusOfRun(events: readonly Event[], writing: boolean): OperationStatus {
  const { outcome, state } = summarize(events, { writing });
  if (outcome !== undefined) return OUTCOMES[outcome];
  return state === 'finished' ? 'unknown' : state;
}

function statusOfStep({ finished }: StepRecord): OperationStatus {
  if (finished === undefined) return 'unknown';
  if (finished.outcome === 'byHand') return 'by hand';
  if (finished.outcome === 'succeeded' || finished.outcome === 'alreadyDone') return 'success';
  return 'failed';
}

interface Known {
  readonly step: StepRecord;
  readonly kind: KindOfOperation;
}

/** A step that its own arguments except. */
const isNone = ({ started }: StepRecord, { unless = {} }: KindOfOperation): boolean =>
  Object.entries(unless).some(([path, value]) => textAt(started?.args, path.split('.').slice(1)) === value);

/** The backup itself, where a step of the run fetched or made the file that was restored. */
function restoredFrom(step: StepRecord, kind: KindOfOperation, known: readonly Known[]): string | undefined {
  const given = backupOf(step, kind);
  if (given === undefined) return undefined;
  const source = known.findLast(({ step: { finished, started }, kind: { file } }) => {
    if (file === undefined || (started?.seq ?? 0) >= (step.started?.seq ?? 0)) return false;
    const left = textAt(finished?.output, file.split('.').slice(1));
    return left !== undefined && (left === given || left.endsWith(`/${given}`) || given.endsWith(`/${left}`));
  });
  return source === undefined ? given : (backupOf(source.step, source.kind) ?? given);
}

function backupOf({ started, finished }: StepRecord, { id }: KindOfOperation): string | undefined {
  for (const path of id) {
    const [root, ...members] = path.split('.');
    const text = textAt(root === 'with' ? started?.args : finished?.output, members);
    if (text !== undefined) return text;
  }
  return undefined;
}

function textAt(json: Json | undefined, members: readonly string[]): string | undefined {
  let value: Value | undefined = json === undefined ? undefined : decodeValue(json);
  for (const name of members) value = isValueMap(value) ? value[name] : undefined;
  if (typeof value === 'string') return value;
  return value instanceof Instant || value instanceof Duration ? value.toString() : undefined;
}
