import type { Store } from '../../journal/store.ts';
import type { WorkerRows } from '../../journal/postgres/worker-rows.ts';
import { summarize } from '../../measure/summary.ts';
import type { Event } from '../../model/event.ts';
import type { Queue } from './queue.ts';

/** Whether something was said to a run, which rests, that it has not looked at. */
export async function isAnswered(run: string, rows: WorkerRows, store: Store): Promise<boolean> {
  const said = (await rows.saidToResting()).find((each) => each.run === run);
  if (said === undefined) return false;
  const heard = heardIn(await store.read(run));
  return !said.messages.every((id) => heard.has(id));
}

/** Puts runs into the queue again that rest until a person answers, and to which somebody has said something. */
export async function wakeAnswered(
  { rows, store, queue }: { readonly rows: WorkerRows; readonly store: Store; readonly queue: Queue },
  environment: string,
): Promise<readonly string[]> {
  const woken: string[] = [];
  for (const { run, messages } of await rows.saidToResting()) {
    const events = await store.read(run);
    const summary = summarize(events);
    const isResting = summary.state === 'paused' && summary.waitsFor === 'person';
    if (!isResting || summary.environment !== environment) continue;
    const heard = heardIn(events);
    if (messages.every((id) => heard.has(id))) continue;
    if (await queue.putAgain(run, environment)) woken.push(run);
  }
  return woken;
}

/** The messages that the run has looked at. */
function heardIn(events: readonly Event[]): ReadonlySet<string> {
  return new Set(
    events.flatMap((event) => {
      if (event.type === 'message.refused') return [event.message];
      return event.type === 'gate.answered' && event.sent !== undefined ? [event.sent.message] : [];
    }),
  );
}
