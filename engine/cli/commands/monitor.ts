import { existsSync } from 'node:fs';
import { oneLine } from '../../base/text.ts';
import { Duration } from '../../base/duration.ts';
import { Redactor } from '../../journal/redact.ts';
import { StoreError } from '../../journal/store.ts';
import { loadMonitors } from '../../load/monitors.ts';
import type { Environment } from '../../model/environment.ts';
import type { Monitors } from '../../model/monitor.ts';
import { defined, output } from '../../report/output.ts';
import { systemClock } from '../clock.ts';
import { CommandError, EXIT } from '../exit.ts';
import type { ExitCode } from '../exit.ts';
import { beside } from '../folder.ts';
import { expectLoaded, findEnvironment, readFileOrFail } from '../loading.ts';
import { evaluateMonitors } from '../monitor/evaluate.ts';
import type { Evaluation } from '../monitor/evaluate.ts';
import { takeStoreOf } from '../run/environment-store.ts';
import { openStore, workFolder } from '../run/store.ts';
import { knownNames } from '../scheduling.ts';
import { print, printJson, say, sayError, style } from '../terminal.ts';

export interface MonitorOptions {
  readonly playbooks: string;
  readonly store?: string;
  readonly env?: string;
  readonly every?: string;
  readonly json?: boolean;
}

/** SIGHUP: nobody reads any more what it says. */
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** `drillbook monitor`: exit 1 while an alert is firing or could not be looked at, 3 when somebody could not be told. */
export async function monitor(options: MonitorOptions): Promise<ExitCode> {
  const pause = options.every === undefined ? undefined : pauseOf(options.every);
  const { monitors, environment } = await findMonitors(options);
  const redactor = new Redactor();
  await takeStoreOf(environment, options.store);
  const store = await openStore(options.store, { redactor });
  const ledger = store.ledger('alerts');
  const stop = new AbortController();
  const end = (): void => stop.abort(new Error('stopped'));
  for (const signal of SIGNALS) process.once(signal, end);
  const bench = {
    ...{ environment, store, folder: workFolder(options.store), signal: stop.signal },
    onReveal: (text: string) => redactor.add(text),
  };
  const evaluate = async (): Promise<ExitCode> => {
    const evaluation = await evaluateMonitors(monitors, ledger, bench);
    show(evaluation, options.json === true);
    return exitCodeOf(evaluation);
  };
  try {
    return pause === undefined ? await evaluate() : await repeat(evaluate, pause, stop.signal);
  } catch (error) {
    if (stop.signal.aborted) return EXIT.interrupted;
    throw error;
  } finally {
    for (const signal of SIGNALS) process.off(signal, end);
  }
}

/**
 * Evaluates until it is told to end; then with the code of the last evaluation that was finished. What keeps one
 * evaluation from being made (another process at it, a full disk) ends nothing: the next may be made again.
 */
async function repeat(
  evaluate: () => Promise<ExitCode>,
  pause: number,
  signal: AbortSignal,
): Promise<ExitCode> {
  let last: ExitCode = EXIT.done;
  const failed = (error: unknown): ExitCode => {
    if (signal.aborted) return last;
    if (!(error instanceof StoreError)) throw error;
    sayError(`Not evaluated, and tried again: ${error.message}`);
    return EXIT.failed;
  };
  do {
    last = await evaluate().catch(failed);
    await systemClock.sleep(pause, signal);
  } while (!signal.aborted);
  return last;
}

function pauseOf(text: string): number {
  const millis = Duration.parse(text)?.millis;
  if (millis !== undefined && millis > 0) return millis;
  throw new CommandError(`--every ${text} is no duration`, {
    exitCode: EXIT.invalid,
    hint: 'Write a number and its unit: 10m, 1h.',
  });
}

/** The monitors, held against the environment in which they look. */
async function findMonitors({
  playbooks,
  env,
}: MonitorOptions): Promise<{ monitors: Monitors; environment: Environment }> {
  const path = beside(playbooks, 'monitors.yaml');
  if (!existsSync(path)) {
    throw new CommandError(`there is no monitors.yaml in ${playbooks}`, {
      exitCode: EXIT.invalid,
      hint: 'docs/monitor.md says what stands in one.',
    });
  }
  const file = await readFileOrFail(path);
  const find = (name: string): Promise<Environment> => findEnvironment(env ?? name, playbooks);
  const { environments: names } = await knownNames(playbooks);
  const monitors = expectLoaded(await loadMonitors(file, { names, find }), file);
  return { monitors, environment: await find(monitors.environment) };
}

function exitCodeOf({ alerts, untold }: Evaluation): ExitCode {
  if (untold.length > 0) return EXIT.failed;
  return alerts.some(({ firing, unseen }) => firing || unseen) ? EXIT.missed : EXIT.done;
}

function show({ at, alerts, untold }: Evaluation, json: boolean): void {
  if (json) {
    const readings = alerts.map(({ since, ...alert }) => defined({ ...alert, since: since?.toString() }));
    const unheard = untold.map((each) => ({ ...each }));
    printJson(output('monitor', { at: at.toString(), alerts: readings, untold: unheard }));
    return;
  }
  print(style.bold(at.toString()));
  for (const { title, severity, firing, unseen, changed, since, reading } of alerts) {
    const calm = unseen ? style.yellow('UNSEEN') : style.green('quiet ');
    const word = firing ? style.red('FIRING') : calm;
    const when = changed
      ? firing
        ? ', just now'
        : ', resolved just now'
      : since === undefined
        ? ''
        : `, since ${since.toString()}`;
    say(`${word}  ${oneLine(`${title} (${severity}${firing || changed ? when : ''}): ${reading}`)}`, 8);
  }
  for (const { channel, why } of untold)
    sayError(`The channel ${channel} was not told, and will be at the next evaluation: ${why}`);
}
