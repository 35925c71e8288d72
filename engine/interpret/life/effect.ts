import type { ValueMap } from '../../base/value.ts';
import type { Effect } from '../../model/playbook.ts';
import type { StepKind } from '../../model/kind.ts';

/** What a step does to the world, and how far that is known. */
export interface StepEffect {
  readonly effect: Effect;
  /** A kind that can do anything: what it does is only what its author says. */
  readonly scripted: boolean;
  /** It is said only to read, and nothing holds it to that. */
  readonly believed: boolean;
  /** It is said only to read, and that cannot be so. */
  readonly contradiction?: string;
}

export const changesNothing = (effect: Effect): boolean => effect === 'none' || effect === 'read';

/** An unknown effect is treated as the worst. */
export const isDangerous = (effect: Effect): boolean => effect === 'destructive' || effect === 'unknown';

/** What the kind knows counts; what the author says (`said`) only where the kind cannot know, and does not contradict. */
export function effectOf(kind: StepKind, args: ValueMap, said: Effect | undefined): StepEffect {
  const own = kind.effect(args);
  if (own !== 'unknown') return { effect: own, scripted: false, believed: false };
  const effect = said ?? own;
  if (!changesNothing(effect)) return { effect, scripted: true, believed: false };
  const reading = kind.asReading?.(args) ?? 'believed';
  return typeof reading === 'string'
    ? { effect, scripted: true, believed: reading === 'believed' }
    : { effect: 'unknown', scripted: true, believed: false, contradiction: reading.contradiction };
}
