import type { ValueMap } from '../../base/value.ts';
import type { PlannedPlace } from '../../measure/coming.ts';
import type { StepDurations } from '../../measure/history.ts';
import type { EnvironmentKind } from '../../model/environment.ts';
import type { Event } from '../../model/event.ts';
import type { Operator, View } from '../../model/ports.ts';
import { systemClock } from '../clock.ts';
import { readerIsGone } from '../lost-output.ts';
import { isInteractive, print, printError, style } from '../terminal.ts';
import { guided } from './guided.ts';
import { createHeadline } from './headline.ts';
import type { Known } from './headline.ts';
import type { Interrupts } from './interrupts.ts';

/** What a run is shown on, and who answers its questions. */
export interface Screen {
  readonly view: View;
  readonly unattended: boolean;
  /** Standard output belongs to the event stream: nothing else may be written to it. */
  readonly json: boolean;
  /** A line from the engine itself, outside the run's events. */
  tell(message: string): void;
  operator(answers: ValueMap, about: OperatorOptions): Operator;
  /** What the forecast rests on, once the playbook is known. */
  forecastFrom(plan: readonly PlannedPlace[], history: StepDurations): void;
  close(): void;
}

export interface OperatorOptions {
  /** Who performs. */
  readonly name: string;
  readonly environment: EnvironmentKind;
  /** Given to this life of the run, for questions that may have their answers already. */
  readonly corrections: ValueMap;
}

export interface ScreenOptions {
  readonly json?: boolean;
  readonly unattended?: boolean;
}

/** Guided on a terminal; without one, lines and the answers given beforehand. */
export async function openScreen(
  options: ScreenOptions,
  run: {
    readonly events: readonly Event[];
    readonly interrupts: Interrupts;
    readonly history: readonly Event[];
  },
): Promise<Screen> {
  const json = options.json === true;
  if (json || options.unattended === true || !isInteractive()) return unattendedScreen(json, run.history);
  const [{ createTerminalView }, { createTerminalOperator }, { correctionsFrom }] = await Promise.all([
    import('../../present/terminal.ts'),
    import('../../present/operator.ts'),
    import('../../present/unattended.ts'),
  ]);
  process.stdin.on('error', readerIsGone);
  let known: Known | undefined;
  const view = createTerminalView({
    stdout: process.stdout,
    color: style.color,
    headline: createHeadline(run.events, () => known),
    onInterrupt: () => run.interrupts.interrupt(),
    history: run.history,
    clock: systemClock,
  });
  return {
    view,
    unattended: false,
    json,
    tell: (message) => view.tell(message),
    operator: (answers, { name, environment, corrections }) =>
      guided(
        {
          ...createTerminalOperator({
            view,
            name,
            environment,
            onInterrupt: () => run.interrupts.interrupt(),
          }),
          correction: correctionsFrom(corrections),
        },
        answers,
      ),
    forecastFrom: (plan, history) => {
      known = { plan, history };
    },
    close: () => view.close(),
  };
}

async function unattendedScreen(json: boolean, history: readonly Event[]): Promise<Screen> {
  const { createUnattendedOperator, correctionsFrom } = await import('../../present/unattended.ts');
  const view = json
    ? (await import('../../present/jsonl.ts')).createJsonView(print)
    : (await import('../../present/plain.ts')).createPlainView({ write: print, color: style.color, history });
  return {
    view,
    unattended: true,
    json,
    tell: printError,
    operator: (answers, { name, corrections }) => ({
      ...createUnattendedOperator(answers, `${name} (unattended)`),
      correction: correctionsFrom(corrections),
    }),
    forecastFrom: () => undefined,
    close: () => view.close(),
  };
}
