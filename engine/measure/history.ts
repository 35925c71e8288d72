import type { Event } from '../model/event.ts';
import { recordRun } from './record.ts';
import { timeClasses } from './time.ts';

/** How long steps took in earlier runs, in milliseconds, by where it was and which step. */
export type StepDurations = ReadonlyMap<string, readonly number[]>;

/** The environment that a run was in, and its playbook: a sandbox says nothing about production. */
interface Setting {
  readonly environment: { readonly name: string; readonly kind: string };
  readonly playbook: string;
}

export const durationKey = ({ environment, playbook }: Setting, step: string): string =>
  JSON.stringify([environment.kind, environment.name, playbook, step]);

/**
 * Collects from whole runs how long each step took that did its work: waiting for people
 * included, time in which the run was paused or dead not.
 */
export function stepDurations(runs: readonly (readonly Event[])[]): StepDurations {
  const durations = new Map<string, number[]>();
  for (const events of runs) {
    const { started, steps } = recordRun(events);
    if (started === undefined) continue;
    for (const { key, micros } of timeClasses(events).steps) {
      const step = steps.get(key);
      if (step?.started === undefined || step.finished?.outcome !== 'succeeded') continue;
      const name = durationKey(started, key);
      durations.set(name, [...(durations.get(name) ?? []), micros / 1000]);
    }
  }
  return durations;
}
