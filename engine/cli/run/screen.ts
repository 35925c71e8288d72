import type { ValueMap } from '../../base/value.ts';
import type { PlannedPlace } from '../../measure/coming.ts';
import type { StepDurations } from '../../measure/history.ts';
import type { EnvironmentKind } from '../../model/environment.ts';
import type { Event } from '../../model/event.ts';
import type { Operator, View } from '../../model/ports.ts';
import { systemClock } from '../clock.ts';
import { readerIsGone } from '../lost-output.ts';
import { isAsked, isInteractive, listWidth, print, printError, style } from '../terminal.ts';
import { guided } from './guided.ts';
import { createHeadline } from './headline.ts';
import type { Known } from './headline.ts';
import type { Headline } from '../../present/headline.ts';
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
  /** Lines, though the terminal can move its cursor. */
  readonly plain?: boolean;
}

interface ShownRun {
  readonly events: readonly Event[];
  readonly interrupts: Interrupts;
  readonly history: readonly Event[];
}

/** Guided on a terminal, in lines where it cannot or is not to move its cursor; without one, lines and the answers given beforehand. */
export async function openScreen(options: ScreenOptions, run: ShownRun): Promise<Screen> {
  if (options.json === true) return jsonScreen();
  if (options.unattended === true || !isAsked()) return unattendedScreen(run);
  if (options.plain === true || !isInteractive()) return lineScreen(run);
  const [{ createTerminalView }, { createTerminalOperator }, { correctionsFrom }] = await Promise.all([
    import('../../present/terminal.ts'),
    import('../../present/operator.ts'),
    import('../../present/unattended.ts'),
  ]);
  process.stdin.on('error', readerIsGone);
  const { headline, forecastFrom } = headlineOf(run);
  const view = createTerminalView({
    stdout: process.stdout,
    color: style.color,
    headline,
    onInterrupt: () => run.interrupts.interrupt(),
    history: run.history,
    clock: systemClock,
  });
  return {
    view,
    unattended: false,
    json: false,
    tell: (message) => view.tell(message),
    operator: (answers, about) =>
      guided(
        {
          ...createTerminalOperator({ ...about, view, onInterrupt: () => run.interrupts.interrupt() }),
          correction: correctionsFrom(about.corrections),
        },
        answers,
      ),
    forecastFrom,
    close: () => view.close(),
  };
}

/** The same in lines, questions too. */
async function lineScreen(run: ShownRun): Promise<Screen> {
  const [{ createLineView }, { createTerminalOperator }, { correctionsFrom }] = await Promise.all([
    import('../../present/lines/view.ts'),
    import('../../present/operator.ts'),
    import('../../present/unattended.ts'),
  ]);
  process.stdin.on('error', readerIsGone);
  const { headline, forecastFrom } = headlineOf(run);
  const interrupt = (): void => run.interrupts.interrupt();
  const view = createLineView({
    write: print,
    color: style.color,
    history: run.history,
    headline,
    stdin: process.stdin,
    clock: systemClock,
    interrupt,
    columns: listWidth,
  });
  return {
    view,
    unattended: false,
    json: false,
    tell: printError,
    operator: (answers, about) =>
      guided(
        {
          ...createTerminalOperator({ ...about, view, onInterrupt: interrupt }),
          correction: correctionsFrom(about.corrections),
        },
        answers,
      ),
    forecastFrom,
    close: () => view.close(),
  };
}

function headlineOf({ events }: ShownRun): {
  readonly headline: () => Headline;
  readonly forecastFrom: Screen['forecastFrom'];
} {
  let known: Known | undefined;
  return {
    headline: createHeadline(events, () => known),
    forecastFrom: (plan, history) => {
      known = { plan, history };
    },
  };
}

async function unattendedScreen(run: ShownRun): Promise<Screen> {
  const [{ createUnattendedOperator, correctionsFrom }, { createPlainView }] = await Promise.all([
    import('../../present/unattended.ts'),
    import('../../present/plain.ts'),
  ]);
  const { headline, forecastFrom } = headlineOf(run);
  const { history } = run;
  const view = createPlainView({ write: print, color: style.color, history, headline });
  return {
    view,
    unattended: true,
    json: false,
    tell: printError,
    operator: (answers, { name, corrections }) => {
      const operator = createUnattendedOperator(answers, `${name} (unattended)`);
      return {
        ...operator,
        ask: (question, signal) => {
          view.asked(question);
          return operator.ask(question, signal);
        },
        correction: correctionsFrom(corrections),
      };
    },
    forecastFrom,
    close: () => view.close(),
  };
}

async function jsonScreen(): Promise<Screen> {
  const [{ createUnattendedOperator, correctionsFrom }, { createJsonView }] = await Promise.all([
    import('../../present/unattended.ts'),
    import('../../present/jsonl.ts'),
  ]);
  const view = createJsonView(print);
  return {
    view,
    unattended: true,
    json: true,
    tell: printError,
    operator: (answers, { name, corrections }) => ({
      ...createUnattendedOperator(answers, `${name} (unattended)`),
      correction: correctionsFrom(corrections),
    }),
    forecastFrom: () => undefined,
    close: () => view.close(),
  };
}
