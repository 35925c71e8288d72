import { Instant } from '../../base/instant.ts';
import type { Value, ValueMap } from '../../base/value.ts';
import type { Environment } from '../../model/environment.ts';
import type { EVERYWHERE, Named, OUTSIDE_OF_A_RUN, RunMember } from '../../model/names.ts';
import type { Playbook } from '../../model/playbook.ts';
import type { Template } from '../../model/template.ts';
import type { Scope } from '../../model/ports.ts';
import type { RunContext } from './context.ts';
import type { Frame } from './frame.ts';

/** The environment as steps in this frame see it. */
export const environmentOf = (run: RunContext, frame: Frame): Environment =>
  frame.environment ?? run.environment;

/** The names of an expression. `now` is what the step took for now when it began, unless it is a reading. */
export function names(run: RunContext, frame: Frame, now: Instant, extra: ValueMap = {}): Scope {
  const { options } = run;
  let own: ValueMap | undefined;
  let vars: ValueMap | undefined;
  const everywhere: Named<(typeof EVERYWHERE)[number]> = {
    env: environmentOf(run, frame).data,
    run: {},
    now,
    vars: {},
  };
  const scope: Scope = {
    ...everywhere,
    inputs: frame.inputs,
    steps: frame.results,
    fault: options.fault ?? null,
    ...frame.also,
    ...extra,
  };
  // Most expressions do not ask for them.
  return Object.defineProperties(scope, {
    run: { get: () => (own ??= ofRun(run)) },
    vars: {
      get: () => (vars ??= computed(frame.playbook.let, (value) => options.evaluator.render(value, scope))),
    },
  });
}

function ofRun({ options, startedAt, log }: RunContext): ValueMap {
  const { marks, verificationFailed } = log.state;
  const occurred = marks.get('occurred');
  const remaining = options.expected?.();
  const members: Partial<Named<RunMember>> = {
    id: options.runId,
    mode: options.mode,
    operator: options.operator.name,
    playbook: options.playbook.id,
    environment: options.environment.name,
    startedAt,
    occurredAt: typeof occurred === 'number' ? new Instant(occurred) : null,
    folder: options.folder,
    verified: (marks.get('verified') ?? null) !== null && !verificationFailed,
    ...(remaining !== undefined && {
      remaining,
      expectedEnd: new Instant(options.clock.now().epochMicros + remaining.micros),
    }),
  };
  return { ...members };
}

/**
 * The values of `let` by their names. Each is worked out when an expression first asks for it, since what
 * it needs may not be there before, and then kept: values that name one another would double the work.
 */
export function computed(values: Playbook['let'], render: (template: Template) => Value): ValueMap {
  const known = new Map<string, Value>();
  const byName = new Map(values.map((value) => [value.key, value]));
  const vars: ValueMap = {};
  const workOut = (asked: string): void => {
    // Those that it uses first, and not inside of each other: they may be thousands.
    const open = [asked];
    for (let name = open.at(-1); name !== undefined; name = open.at(-1)) {
      const entry = byName.get(name);
      const missing = known.has(name) ? [] : (entry?.uses.filter((used) => !known.has(used)) ?? []);
      open.push(...missing.toReversed());
      if (missing.length > 0) continue;
      open.pop();
      if (entry !== undefined && !known.has(name)) known.set(name, render(entry.value));
    }
  };
  for (const { key } of values) {
    Object.defineProperty(vars, key, {
      enumerable: true,
      get: () => {
        workOut(key);
        return known.get(key);
      },
    });
  }
  return vars;
}

/** The names of an expression that is evaluated outside of a run: before it, or by a monitor. */
export const namesOutside = (
  environment: Environment,
  now: Instant,
): Named<(typeof OUTSIDE_OF_A_RUN)[number]> => ({ env: environment.data, now });
