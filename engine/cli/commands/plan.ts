import { oneLine } from '../../base/text.ts';
import { humanDuration } from '../../base/human.ts';
import type { ValueMap } from '../../base/value.ts';
import { createEvaluator } from '../../expression/evaluator.ts';
import { planSteps } from '../../interpret/plan.ts';
import type { PlannedStep } from '../../interpret/plan.ts';
import { findMissing } from '../../interpret/preflight/readiness.ts';
import type { Missing } from '../../interpret/preflight/readiness.ts';
import type { Environment } from '../../model/environment.ts';
import type { StepTable } from '../../model/kind.ts';
import type { Playbook } from '../../model/playbook.ts';
import { output } from '../../report/output.ts';
import { createSecretResolver } from '../../kinds/environment/secrets.ts';
import { readAnswers } from '../answers.ts';
import { systemClock } from '../clock.ts';
import { EXIT } from '../exit.ts';
import type { ExitCode } from '../exit.ts';
import { findEnvironment, findPlaybook } from '../loading.ts';
import { expectCode, stepTable } from '../own-kinds.ts';
import { forecastFor } from '../run/headline.ts';
import { print, printJson, say, style } from '../terminal.ts';
import { takeStoreOf } from '../run/environment-store.ts';

export interface PlanOptions {
  readonly env: string;
  readonly playbooks: string;
  readonly store?: string;
  readonly answers?: string;
  readonly json?: boolean;
  /** Looks for the secrets, programs and addresses that the steps need. */
  readonly probe?: boolean;
}

/** `drillbook plan PLAYBOOK --env E`: changes nothing, and without `--probe` asks nothing of the environment. */
export async function plan(name: string, options: PlanOptions): Promise<ExitCode> {
  const environment = await findEnvironment(options.env, options.playbooks);
  const { playbook, ownKinds } = await findPlaybook(name, options.playbooks, environment);
  const table = stepTable(await expectCode(ownKinds), environment.policy);
  const inputs: ValueMap = await readAnswers(options.answers);
  const steps = await planSteps({
    playbook,
    environment,
    steps: table,
    evaluator: createEvaluator(),
    inputs,
    now: systemClock.now(),
  });
  const missing = options.probe === true ? await probe(playbook, environment, table, inputs) : undefined;
  await takeStoreOf(environment, options.store);
  const forecast = await forecastFor(playbook, environment, options.store);
  const counts = countEffects(steps);
  if (options.json === true) {
    const planned = { playbook: playbook.id, environment: environment.name, counts: { ...counts } };
    printJson(
      output('plan', {
        ...planned,
        steps: steps.map((step) => ({ ...step, path: [...step.path] })),
        forecast: forecast && { p50Ms: forecast.p50, p90Ms: forecast.p90 },
        missing: missing?.map((each) => ({ ...each, steps: [...each.steps] })),
      }),
      2,
    );
    return exitCodeOf(missing);
  }
  say(
    `${style.bold(oneLine(playbook.title))} on ${environment.name} (${environment.kind}); nothing is changed by a plan\n`,
  );
  printSteps(steps);
  print(
    `\n${Object.entries(counts)
      .map(([effect, count]) => `${count} ${effect}`)
      .join(' · ')}`,
  );
  say(forecastLine(playbook, forecast));
  if (missing !== undefined) printMissing(missing);
  return exitCodeOf(missing);
}

/** Looks for what the steps need, as a run does before its first change. */
function probe(
  playbook: Playbook,
  environment: Environment,
  steps: StepTable,
  inputs: ValueMap,
): Promise<readonly Missing[]> {
  const scope = { env: environment.data, vars: {}, steps: {}, now: systemClock.now() };
  return findMissing({
    playbook,
    environment,
    steps,
    evaluator: createEvaluator(),
    secrets: createSecretResolver(
      () => environment,
      () => undefined,
    ),
    scope: (called) => ({ ...scope, inputs: called === playbook ? inputs : {} }),
    comes: ({ branch, always }) => (branch === undefined && !always ? 'yes' : 'maybe'),
  });
}

function printMissing(missing: readonly Missing[]): void {
  if (missing.length === 0) say('Every secret, program and address that is known by now is there.');
  for (const { what, hint, steps, certain } of missing) {
    const word = certain ? style.red('missing') : style.yellow('perhaps missing');
    say(`${word}  ${what}, for ${[...new Set(steps)].join(', ')}`, 9);
    if (hint !== undefined) say(`         ${hint}`);
  }
}

const exitCodeOf = (missing: readonly Missing[] = []): ExitCode =>
  missing.some(({ certain }) => certain) ? EXIT.missed : EXIT.done;

function printSteps(steps: readonly PlannedStep[]): void {
  let shown = '';
  for (const step of steps) {
    const path = oneLine(step.path.join(' › '));
    if (path !== shown) print(style.bold(path));
    shown = path;
    const notes = [
      ...(step.believed === true ? ['said to only read'] : []),
      ...(step.gate ? ['asks first'] : []),
      ...(step.branch === undefined ? [] : [`only in branch ${step.branch}`]),
      ...(step.runs === 'no' ? ['does not run'] : []),
      ...(step.expectMs === undefined ? [] : [`about ${humanDuration(step.expectMs)}`]),
    ];
    const tail = notes.length === 0 ? '' : style.dim(` (${notes.join(', ')})`);
    say(
      `  ${step.effect.padEnd('destructive'.length)}  ${oneLine(step.describe)}${tail}`,
      'destructive  '.length,
    );
  }
}

const EFFECTS = ['none', 'read', 'write', 'destructive', 'unknown'] as const;

function countEffects(steps: readonly PlannedStep[]): Readonly<Record<string, number>> {
  const will = steps.filter(({ runs }) => runs !== 'no');
  return Object.fromEntries(
    EFFECTS.map((effect) => [effect, will.filter((step) => step.effect === effect).length]),
  );
}

function forecastLine(
  playbook: Playbook,
  forecast: { readonly p50: number; readonly p90: number } | undefined,
): string {
  const target = playbook.objectives.rto?.targetMs;
  if (forecast === undefined) return 'No forecast: no step says what it expects, and none has run here yet.';
  const text = `Forecast ${humanDuration(forecast.p50)} (p90 ${humanDuration(forecast.p90)})`;
  if (target === undefined) return text;
  const verdict = forecast.p90 > target ? style.red('the RTO may be missed') : style.green('within the RTO');
  return `${text} against an RTO of ${humanDuration(target)}: ${verdict}`;
}
