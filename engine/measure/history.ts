import type { Event } from '../model/event.ts';
import { isEvidence } from '../model/mode.ts';
import { recordRun } from './record.ts';
import type { RunRecord } from './record.ts';
import { isUnattended } from './summary.ts';
import { timeClasses } from './time.ts';

/** How long steps took in earlier runs, in milliseconds, by where it was and which step. */
export type StepDurations = ReadonlyMap<string, readonly number[]>;

/** A sandbox says nothing about production, nor one world of it about another, nor a run without people about one with them. */
export function durationKey(record: RunRecord, step: string): string | undefined {
  const { started } = record;
  if (started === undefined || !isEvidence(started.mode)) return undefined;
  const { environment, world = '', playbook } = started;
  return JSON.stringify([environment.kind, environment.name, world, playbook, isUnattended(record), step]);
}

/**
 * Collects from whole runs how long each step took that did its work: waiting for people
 * included, time in which the run was paused or dead not.
 */
export function stepDurations(runs: readonly (readonly Event[])[]): StepDurations {
  const durations = new Map<string, number[]>();
  for (const events of runs) {
    const record = recordRun(events);
    for (const { key, micros } of timeClasses(events).steps) {
      const step = record.steps.get(key);
      if (step?.started === undefined || step.finished?.outcome !== 'succeeded') continue;
      const name = durationKey(record, key);
      if (name === undefined) continue;
      durations.set(name, [...(durations.get(name) ?? []), micros / 1000]);
    }
  }
  return durations;
}
