import type { Event, MarkSet, RunStarted } from '../model/event.ts';

/** What goes on before the recovery begins, and since when (milliseconds since the epoch). */
export interface Stage {
  readonly text: string;
  readonly since: number;
}

type MaybeStage = Stage | undefined;

/** What a rehearsal does before anybody recovers anything. */
const STAGES = {
  starts: 'The sandbox starts',
  sound: 'Nothing is broken yet: first all has to be sound',
  unnoticed: 'Until somebody would notice it',
  checks: 'Each check of the result is tried: it has to be red while the world is broken',
} as const;

const stage = (name: keyof typeof STAGES, { at }: Event): Stage => ({ text: STAGES[name], since: at / 1000 });

export function firstStage(event: Event<RunStarted>): MaybeStage {
  const { mode, rehearsal, environment } = event;
  if (mode !== 'drill' || rehearsal === undefined) return undefined;
  return stage(environment.kind === 'sandbox' ? 'starts' : 'sound', event);
}

/** Once the sandbox is up; a run that has begun to recover has no stage any more. */
export const soundStage = (before: MaybeStage, event: Event): MaybeStage => before && stage('sound', event);

/** Once the world is broken. */
export const brokenStage = (before: MaybeStage, event: Event): MaybeStage =>
  before && stage('unnoticed', event);

/** Once a probe of `detect` is red. */
export const noticedStage = (before: MaybeStage): MaybeStage => before && { ...before, text: STAGES.checks };

/** The recovery begins with the mark `declared`. */
export function stageAfter(before: MaybeStage, event: Event<MarkSet>): MaybeStage {
  return event.mark === 'declared' ? undefined : before;
}
