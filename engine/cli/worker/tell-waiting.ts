import { Duration } from '../../base/duration.ts';
import { humanDuration } from '../../base/human.ts';
import { isValueList, isValueMap } from '../../base/value.ts';
import type { Ledger, Store } from '../../journal/store.ts';
import { StoreError } from '../../journal/store.ts';
import { TELLING } from '../../kinds/index.ts';
import type { RunSummary } from '../../measure/summary.ts';
import type { Environment } from '../../model/environment.ts';
import { StepError } from '../../model/kind.ts';
import { systemClock } from '../clock.ts';
import { invocation } from '../invocation.ts';
import { runStep } from '../monitor/step.ts';
import type { Bench } from '../monitor/step.ts';
import { readableRuns } from '../run/summaries.ts';

/** How long a run may wait before others are told, where the environment does not say it. */
const WITHIN_MS = 30 * 60 * 1000;

/** A channel that has to hear of a run. */
interface Notice {
  /** Of the run, since when it waits, and the channel: told once. */
  readonly id: string;
  readonly run: string;
  readonly channel: string;
  readonly text: string;
  readonly severity: 'warning' | 'error';
}

/**
 * Tells the channels of `waiting` of the runs that wait for a person, and after a time those of the escalation. What
 * was told is in a ledger: several workers tell it once, and one that dies in between tells again rather than not.
 * Gives what could not be told.
 */
export async function tellWaiting(bench: Bench): Promise<readonly string[]> {
  const { environment, store } = bench;
  const notices = (await waitingIn(environment, store)).flatMap((run) => noticesOf(run, environment));
  if (notices.length === 0) return [];
  const ledger = store.ledger('waiting');
  if (await allTold(notices, ledger)) return [];
  try {
    const lock = await ledger.lock('telling who is waited for');
    try {
      return await tellAll(notices, ledger, bench);
    } finally {
      await lock.release();
    }
  } catch (error) {
    if (error instanceof StoreError && error.code === 'locked') return [];
    throw error;
  }
}

const waitingIn = async ({ name }: Environment, store: Store): Promise<readonly RunSummary[]> =>
  (await readableRuns(store)).filter(
    ({ state, waitsFor, environment }) => state === 'paused' && waitsFor === 'person' && environment === name,
  );

/** What is to be said of a run by now. */
function noticesOf(run: RunSummary, { name, data }: Environment): readonly Notice[] {
  const waiting = isValueMap(data['waiting']) ? data['waiting'] : {};
  const since = (run.lastAt ?? 0) / 1000;
  const waitedMs = systemClock.now().epochMillis - since;
  const { within } = waiting;
  const limit = (typeof within === 'string' ? Duration.parse(within)?.millis : undefined) ?? WITHIN_MS;
  const what = `Run ${run.run} (${run.title}, ${name}) waits for a person: ${run.asks ?? run.reason ?? ''}`;
  const goOn = `Go on with it: ${invocation(`resume ${run.run}`)}`;
  const to = (list: 'tell' | 'escalate', severity: Notice['severity'], said: string): readonly Notice[] =>
    channelsIn(waiting[list]).map((channel) => ({
      id: `${run.run} ${String(run.lastAt)} ${list} ${channel}`,
      ...{ run: run.run, channel, severity, text: `${said}\n${goOn}` },
    }));
  return [
    ...to('tell', 'warning', what),
    ...(waitedMs < limit ? [] : to('escalate', 'error', `For ${humanDuration(waitedMs)}: ${what}`)),
  ];
}

const channelsIn = (list: unknown): readonly string[] =>
  Array.isArray(list) ? list.filter((each): each is string => typeof each === 'string') : [];

async function allTold(notices: readonly Notice[], ledger: Ledger): Promise<boolean> {
  const told = await toldIn(ledger);
  return notices.every(({ id }) => told.has(id));
}

const toldIn = async (ledger: Ledger): Promise<ReadonlySet<unknown>> =>
  new Set(
    (await ledger.read()).filter(({ type }) => type === 'notice.done').map(({ body }) => body['notice']),
  );

async function tellAll(notices: readonly Notice[], ledger: Ledger, bench: Bench): Promise<readonly string[]> {
  const told = await toldIn(ledger);
  const untold: string[] = [];
  for (const notice of notices.filter(({ id }) => !told.has(id))) {
    const why = await tell(notice, bench);
    if (why === undefined) await ledger.append({ type: 'notice.done', body: { notice: notice.id } });
    else untold.push(`The channel ${notice.channel} was not told of ${notice.run}: ${why}`);
  }
  return untold;
}

/** Undefined when every way of the channel took it, else why one did not. */
async function tell({ run, channel, text, severity }: Notice, bench: Bench): Promise<string | undefined> {
  const { channels } = bench.environment.data;
  const settings = isValueMap(channels) ? channels[channel] : undefined;
  if (settings === undefined) return 'the environment does not have it';
  try {
    const args = { channel: settings, text, event: 'trigger', severity };
    const { failed } = await runStep(bench, { name: run, uses: TELLING, args });
    const reasons = isValueList(failed) ? failed.filter(isValueMap) : [];
    return reasons.length === 0
      ? undefined
      : reasons.map(({ message }) => (typeof message === 'string' ? message : '')).join('; ');
  } catch (error) {
    if (error instanceof StepError) return error.message;
    throw error;
  }
}
