import type { Instant } from '../../base/instant.ts';
import type { Value, ValueMap } from '../../base/value.ts';
import type { Environment } from '../../model/environment.ts';
import type { EVERYWHERE, Named, OUTSIDE_OF_A_RUN, RunMember } from '../../model/names.ts';
import type { Playbook, Template } from '../../model/playbook.ts';
import type { Scope } from '../../model/ports.ts';
import type { RunContext } from './context.ts';
import type { Frame } from './frame.ts';

/** The environment as steps in this frame see it. */
export const environmentOf = (run: RunContext, frame: Frame): Environment =>
  frame.environment ?? run.environment;

/** The names of an expression. `now` is what the step took for now when it began, unless it is a reading. */
export function names(run: RunContext, frame: Frame, now: Instant, extra: ValueMap = {}): Scope {
  const { options } = run;
  const own: Named<RunMember> = {
    id: options.runId,
    mode: options.mode,
    operator: options.operator.name,
    environment: options.environment.name,
    startedAt: run.startedAt,
    folder: options.folder,
  };
  const everywhere: Named<(typeof EVERYWHERE)[number]> = {
    env: environmentOf(run, frame).data,
    run: own,
    now,
    vars: computed(frame.playbook.let, (value) => options.evaluator.render(value, scope)),
  };
  const scope: Scope = {
    ...everywhere,
    inputs: frame.inputs,
    steps: frame.results,
    fault: options.fault ?? null,
    ...frame.also,
    ...extra,
  };
  return scope;
}

/**
 * The values of `let` by their names. Each is worked out when an expression first asks for it, since what
 * it needs may not be there before, and then kept: values that name one another would double the work.
 */
export function computed(values: Playbook['let'], render: (template: Template) => Value): ValueMap {
  const vars: ValueMap = {};
  for (const { key, value } of values) {
    let known: { readonly value: Value } | undefined;
    Object.defineProperty(vars, key, {
      enumerable: true,
      get: () => (known ??= { value: render(value) }).value,
    });
  }
  return vars;
}

/** The names of an expression that is evaluated outside of a run: before it, or by a monitor. */
export const namesOutside = (
  environment: Environment,
  now: Instant,
): Named<(typeof OUTSIDE_OF_A_RUN)[number]> => ({ env: environment.data, now });
