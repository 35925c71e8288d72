import type { Instant } from '../base/instant.ts';
import type { Value, ValueMap } from '../base/value.ts';
import type { Environment } from '../model/environment.ts';
import type { Scope } from '../model/ports.ts';
import type { RunContext } from './context.ts';
import type { Frame } from './frame.ts';

/** The environment as steps in this frame see it. */
export const environmentOf = (run: RunContext, frame: Frame): Environment =>
  frame.environment ?? run.environment;

/** The names of an expression. `now` is what the step took for now when it began, unless it is a reading. */
export function names(run: RunContext, frame: Frame, now: Instant, extra: ValueMap = {}): Scope {
  const { options } = run;
  const vars: ValueMap = {};
  const scope: Scope = {
    inputs: frame.inputs,
    env: environmentOf(run, frame).data,
    vars,
    steps: frame.results,
    run: {
      id: options.runId,
      mode: options.mode,
      operator: options.operator.name,
      environment: options.environment.name,
      startedAt: run.startedAt,
    },
    fault: options.fault ?? null,
    now,
    ...frame.also,
    ...extra,
  };
  for (const { key, value } of frame.playbook.let) {
    // Evaluated when an expression asks for it: what it needs may not be there before.
    const get = (): Value => options.evaluator.render(value, scope);
    Object.defineProperty(vars, key, { enumerable: true, get });
  }
  return scope;
}
