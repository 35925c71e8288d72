import type { Environment } from '../model/environment.ts';
import type { Narrator } from '../model/narrator.ts';
import type { Evaluator } from '../model/ports.ts';
import type { StepKind } from '../model/kind.ts';
import { Known, knownEffect } from './preflight/known-values.ts';

/**
 * Tells what steps do without running them. Of the environment the names are filled in; with none,
 * they stay expressions as everything does that only a run knows.
 */
export function createNarrator(options: {
  readonly kinds: ReadonlyMap<string, StepKind>;
  readonly evaluator: Evaluator;
  readonly environment: Environment;
}): Narrator {
  const { kinds, environment } = options;
  const known = new Known(options.evaluator, { env: environment.data });
  return {
    text: (template) => known.text(template),
    narrate(use) {
      const kind = kinds.get(use.uses);
      if (kind === undefined)
        return { text: use.uses, effect: 'unknown', believed: false, failureIsNoted: false };
      const byHand = known.say(use.with, (args) => kind.byHand?.(args, environment));
      const { args } = known.args(use.with);
      const { effect, believed } = knownEffect(kind, args, use.effect);
      return {
        text: known.say(use.with, (given) => kind.describe(given)) ?? use.uses,
        effect,
        believed,
        failureIsNoted: kind.failureIsNoted === true,
        ...(byHand !== undefined && { byHand }),
        ...(kind.people !== undefined && { told: args }),
      };
    },
  };
}
