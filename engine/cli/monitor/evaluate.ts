import { Instant } from '../../base/instant.ts';
import { isValueList, isValueMap } from '../../base/value.ts';
import type { Value, ValueMap } from '../../base/value.ts';
import { createEvaluator } from '../../expression/evaluator.ts';
import type { Ledger } from '../../journal/store.ts';
import { alertState, backupsOf, judge } from '../../measure/alerts.ts';
import type { Backup, Notice, Seen, Untold } from '../../measure/alerts.ts';
import type { Alert, Look, Monitors } from '../../model/monitor.ts';
import { EvaluationError } from '../../model/ports.ts';
import { tellsEvents } from '../../model/cloud-event.ts';
import { StepError } from '../../model/kind.ts';
import { namesOutside } from '../../interpret/life/names.ts';
import { TELLING } from '../../kinds/index.ts';
import { systemClock } from '../clock.ts';
import { sendAlertEvents } from './send-events.ts';
import { runStep } from './step.ts';
import type { Bench } from './step.ts';

/** How an alert stands after an evaluation. */
export interface AlertReading {
  readonly alert: string;
  readonly title: string;
  readonly severity: string;
  readonly firing: boolean;
  /** It could not be looked at: that it does not fire says nothing, and one that fires goes on. */
  readonly unseen: boolean;
  /** It fired, or was resolved, just now. */
  readonly changed: boolean;
  readonly since?: Instant;
  readonly reading: string;
}

export interface Evaluation {
  readonly at: Instant;
  readonly alerts: readonly AlertReading[];
  readonly untold: readonly Untold[];
}

/**
 * Looks once, and tells what changed. That an alert fired or was resolved is durable before anybody is
 * told, and that they were told after it: a process that dies between tells again, and never not at all.
 */
export async function evaluateMonitors(
  monitors: Monitors,
  ledger: Ledger,
  bench: Bench,
): Promise<Evaluation> {
  const lock = await ledger.lock('the monitor');
  try {
    const now = systemClock.now();
    const seen = new Map<string, Seen>();
    for (const look of monitors.looks) seen.set(look.id, await lookOnce(look, bench, now));
    const before = alertState(await ledger.read()).firing;
    const alerts: AlertReading[] = [];
    for (const alert of monitors.alerts) {
      alerts.push(await settle(alert, { seen: seen.get(alert.of), before, ledger, bench, now }));
    }
    const untold = await tellPending(ledger, bench);
    return { at: now, alerts, untold: [...untold, ...(await sendAlertEvents(ledger, bench))] };
  } finally {
    await lock.release();
  }
}

async function lookOnce(look: Look, bench: Bench, now: Instant): Promise<Seen> {
  const evaluator = createEvaluator();
  const names = namesOutside(bench.environment, now);
  try {
    const args = evaluator.render(look.with, names);
    const output = await runStep(bench, {
      name: look.id,
      uses: look.uses,
      args: isValueMap(args) ? args : {},
    });
    const backups = backupsOf(evaluator.evaluate(look.found, { ...names, output }));
    if (backups !== undefined && hidesTheNewest(output, backups)) {
      return { ok: false, message: `${look.id} saw only a part of what is there: ${WIDER}` };
    }
    if (backups !== undefined) return { ok: true, backups };
    return { ok: false, message: `"found" of ${look.id} gives no list of objects with a time "at"` };
  } catch (error) {
    bench.signal.throwIfAborted();
    if (error instanceof StepError || error instanceof EvaluationError)
      return { ok: false, message: error.message };
    throw error;
  }
}

const WIDER = 'raise "max", narrow the place, or ask for "order: newest" where the kind has it';

/** A list that was cut off tells of the newest only where it begins with the newest, and something of it was found. */
function hidesTheNewest(output: ValueMap, backups: readonly Backup[]): boolean {
  if (output['complete'] !== false) return false;
  return backups.length === 0 || !Object.values(output).some((list) => beginsWith(list, output['newest']));
}

function beginsWith(list: Value, newest: Value | undefined): boolean {
  const [first = null] = isValueList(list) ? list : [];
  const modified = isValueMap(first) ? first['modified'] : undefined;
  if (!(modified instanceof Instant && newest instanceof Instant)) return false;
  return modified.epochMicros === newest.epochMicros;
}

async function settle(
  alert: Alert,
  at: {
    readonly seen: Seen | undefined;
    readonly before: ReadonlyMap<string, number>;
    readonly ledger: Ledger;
    readonly bench: Bench;
    readonly now: Instant;
  },
): Promise<AlertReading> {
  const { seen = { ok: false, message: 'nothing was looked at' }, before, ledger, bench, now } = at;
  const name = `${bench.environment.name}/${alert.id}`;
  const since = before.get(name);
  const judged = judge(alert.when, seen, now);
  const firing = judged?.firing ?? since !== undefined;
  const changed = firing !== (since !== undefined);
  const reading = judged?.reading ?? `could not be looked at: ${seen.ok ? '' : seen.message}`;
  if (changed) {
    const text = `${firing ? '' : 'Resolved: '}${alert.title} (${bench.environment.name})\n${reading}`;
    await ledger.append({
      type: firing ? 'alert.fired' : 'alert.resolved',
      body: {
        ...{ alert: name, text, severity: alert.severity, channels: [...alert.channels] },
        // Before there was an address nobody was to be told.
        ...(tellsEvents(bench.environment) && { events: true }),
      },
    });
  }
  const begun = firing ? (since === undefined ? now : new Instant(since)) : undefined;
  return {
    ...{ alert: alert.id, title: alert.title, severity: alert.severity, firing, changed, reading },
    unseen: judged === undefined,
    ...(begun !== undefined && { since: begun }),
  };
}

async function tellPending(ledger: Ledger, bench: Bench): Promise<readonly Untold[]> {
  const untold: Untold[] = [];
  const { name } = bench.environment;
  const { pending } = alertState(await ledger.read());
  for (const notice of pending.filter(({ alert }) => alert.startsWith(`${name}/`))) {
    const why = await tell(notice, ledger, bench);
    if (why === undefined) await ledger.append({ type: 'notice.done', body: { notice: notice.id } });
    else untold.push({ channel: notice.channel, text: notice.text, why });
  }
  return untold;
}

/** Undefined when every way of the channel took it, else why one did not. */
async function tell(notice: Notice, ledger: Ledger, bench: Bench): Promise<string | undefined> {
  const { channels } = bench.environment.data;
  const channel = isValueMap(channels) ? channels[notice.channel] : undefined;
  if (!isValueMap(channel))
    return `the environment ${bench.environment.name} has no channel "${notice.channel}"`;
  const { text, event, severity } = notice;
  try {
    const { failed } = await runStep(bench, {
      name: notice.alert.replaceAll(/[^\w-]+/g, '-'),
      uses: TELLING,
      args: { channel, text, event, severity },
      checkpoint: { delivered: [...notice.delivered] },
      saveCheckpoint: async (data) => {
        const ways = (data as { readonly delivered: readonly string[] }).delivered;
        await ledger.append({ type: 'notice.delivered', body: { notice: notice.id, ways } });
      },
    });
    const reasons = isValueList(failed) ? failed.filter(isValueMap) : [];
    return reasons.length === 0
      ? undefined
      : reasons.map(({ message }) => (typeof message === 'string' ? message : '')).join('; ');
  } catch (error) {
    bench.signal.throwIfAborted();
    if (error instanceof StepError) return error.message;
    throw error;
  }
}
