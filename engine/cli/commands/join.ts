import type { Event } from '../../model/event.ts';
import { blinded, isBlind, tellable } from '../../model/blind.ts';
import type { View } from '../../model/ports.ts';
import { Answering } from '../elsewhere/answering.ts';
import type { LiveRun } from '../elsewhere/chosen-run.ts';
import { liveRun } from '../elsewhere/chosen-run.ts';
import type { Speaker, SpeakerOptions } from '../elsewhere/speaker.ts';
import { speakerTo } from '../elsewhere/speaker.ts';
import { systemClock } from '../clock.ts';
import { EXIT } from '../exit.ts';
import type { ExitCode } from '../exit.ts';
import { invocation } from '../invocation.ts';
import { createHeadline } from '../run/headline.ts';
import { openStore } from '../run/store.ts';
import { isInteractive, print, sayCommand, style } from '../terminal.ts';

export interface JoinOptions extends SpeakerOptions {
  readonly store?: string;
  readonly json?: boolean;
}

/** What a run that another process drives is shown on, and who answers there. */
interface Watching {
  readonly view: View;
  readonly answering?: Answering;
  close(): void;
}

/** `drillbook join [RUN]`: watches a run that another process drives, and answers what is asked of whoever joins. */
export async function join(run: string | undefined, options: JoinOptions): Promise<ExitCode> {
  const store = await openStore(options.store);
  const live = await liveRun(store, run);
  const speaker = await speakerTo(store, live.started, live.events, options);
  const leaving = new AbortController();
  const leave = (): void => leaving.abort();
  process.on('SIGINT', leave);
  const events: Event[] = [];
  const watching = await watch(live, { speaker, events, leave, json: options.json === true });
  try {
    for await (const event of store.follow(live.started.run, 0, leaving.signal)) {
      const isHistory = event.seq <= (live.events.at(-1)?.seq ?? 0);
      events.push(event);
      const told = isBlind(events) ? blinded(event) : event;
      if (!isHistory && told !== undefined) watching.view.event(told);
      watching.answering?.event(event);
      if (event.type === 'run.finished') break;
      if (!isHistory || event.seq === live.events.at(-1)?.seq) watching.answering?.ask();
    }
  } finally {
    watching.answering?.close();
    watching.close();
    process.off('SIGINT', leave);
  }
  if (options.json !== true) sayCommand('Its report:', invocation(`report ${live.started.run}`));
  return EXIT.done;
}

interface WatchOptions {
  readonly speaker: Speaker;
  /** All that was told so far. */
  readonly events: readonly Event[];
  readonly leave: () => void;
  readonly json: boolean;
}

/** On a terminal the live screen with its questions; elsewhere lines, and nobody is asked. */
async function watch(live: LiveRun, options: WatchOptions): Promise<Watching> {
  const history = tellable(live.events);
  if (options.json || !isInteractive()) {
    const view = options.json
      ? (await import('../../present/jsonl.ts')).createJsonView(print)
      : (await import('../../present/plain.ts')).createPlainView({ write: print, color: style.color });
    history.forEach((event) => view.event(event));
    return { view, close: () => view.close() };
  }
  return onScreen(live, history, options);
}

async function onScreen(
  { started }: LiveRun,
  history: readonly Event[],
  { speaker, events, leave }: WatchOptions,
): Promise<Watching> {
  const [{ createTerminalView }, { createTerminalOperator }] = await Promise.all([
    import('../../present/terminal.ts'),
    import('../../present/operator.ts'),
  ]);
  const view = createTerminalView({
    stdout: process.stdout,
    color: style.color,
    headline: createHeadline(events, () => undefined),
    onInterrupt: leave,
    history,
    clock: systemClock,
  });
  const { name } = speaker;
  view.tell(`You are ${name}. Ctrl-C leaves, and the run goes on.`);
  const answering = new Answering({
    run: started.run,
    speaker,
    operator: createTerminalOperator({
      view,
      name,
      environment: started.environment.kind,
      onInterrupt: leave,
    }),
    tell: (text) => view.tell(text),
    failed: (error) => view.tell(error instanceof Error ? error.message : String(error)),
  });
  return { view, answering, close: () => view.close() };
}
