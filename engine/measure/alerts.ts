import { humanDuration } from '../base/human.ts';
import { Instant } from '../base/instant.ts';
import type { JsonObject } from '../base/json.ts';
import { listOf } from '../base/json.ts';
import { isValueList, isValueMap } from '../base/value.ts';
import type { Value } from '../base/value.ts';
import type { AlertCondition } from '../model/monitor.ts';

/** A backup as it was seen. */
export interface Backup {
  readonly at: Instant;
  readonly bytes?: number;
  readonly ok: boolean;
}

/** What a look gave: backups, or why it could not look. */
export type Seen =
  | { readonly ok: true; readonly backups: readonly Backup[] }
  | { readonly ok: false; readonly message: string };

/** The backups of a list whose members have `at`, and may have `bytes` and `ok`; undefined when it is none. */
export function backupsOf(value: Value): readonly Backup[] | undefined {
  if (!isValueList(value)) return undefined;
  const backups: Backup[] = [];
  for (const each of value) {
    if (!isValueMap(each)) return undefined;
    const { at, bytes, ok } = each;
    if (!(at instanceof Instant)) return undefined;
    const size = typeof bytes === 'number' || typeof bytes === 'bigint' ? { bytes: Number(bytes) } : {};
    backups.push({ at, ok: ok !== false, ...size });
  }
  return backups.sort((a, b) => a.at.epochMicros - b.at.epochMicros);
}

/** Whether an alert is to fire, and by which reading; undefined where that cannot be told, so that it stays as it is. */
export function judge(
  condition: AlertCondition,
  seen: Seen,
  now: Instant,
): { readonly firing: boolean; readonly reading: string } | undefined {
  if (condition.type === 'unreadable')
    return { firing: !seen.ok, reading: seen.ok ? 'can be looked at' : seen.message };
  if (!seen.ok) return undefined;
  const { backups } = seen;
  const newest = backups.at(-1);
  switch (condition.type) {
    case 'failed':
      if (newest === undefined) return { firing: false, reading: 'no backup' };
      return {
        firing: !newest.ok,
        reading: `the backup of ${newest.at.toString()} ${newest.ok ? 'is good' : 'failed'}`,
      };
    case 'olderThan': {
      const good = backups.findLast(({ ok }) => ok);
      if (good === undefined) return { firing: true, reading: 'there is no good backup' };
      const age = now.epochMillis - good.at.epochMillis;
      return {
        firing: age > condition.millis,
        reading: `the last good backup is ${humanDuration(age)} old (${good.at.toString()})`,
      };
    }
    case 'smallerThan':
      return judgeSize(
        backups.filter(({ ok, bytes }) => ok && bytes !== undefined),
        condition.share,
      );
  }
}

/** With one backup there is nothing to hold it against. */
function judgeSize(backups: readonly Backup[], share: number): { firing: boolean; reading: string } {
  const sizes = backups.map(({ bytes = 0 }) => bytes);
  const newest = sizes.at(-1);
  const before = sizes.slice(0, -1);
  if (newest === undefined || before.length === 0)
    return { firing: false, reading: 'too few backups to compare' };
  const average = before.reduce((sum, size) => sum + size, 0) / before.length;
  const percent = average === 0 ? 100 : Math.round((newest / average) * 100);
  return {
    firing: newest < share * average,
    reading: `the newest backup has ${newest} bytes, ${percent}% of the average of ${before.length} before it`,
  };
}

/** Something that has to be said to a channel, and by which ways it was said already. */
export interface Notice {
  readonly id: string;
  readonly alert: string;
  readonly event: 'trigger' | 'resolve';
  readonly text: string;
  readonly severity: string;
  readonly channel: string;
  readonly delivered: readonly string[];
}

/** What could not be said to somebody, and is said again at the next evaluation. */
export interface Untold {
  readonly channel: string;
  readonly text: string;
  readonly why: string;
}

export interface AlertState {
  /** Alerts that are firing, since when (microseconds since the epoch). */
  readonly firing: ReadonlyMap<string, number>;
  /** What has to be said still, in the order in which it came up. */
  readonly pending: readonly Notice[];
}

/** Folds what the ledger of alerts remembers. */
export function alertState(
  entries: readonly { readonly type: string; readonly at: number; readonly body: JsonObject }[],
): AlertState {
  const firing = new Map<string, number>();
  const pending = new Map<string, Notice>();
  for (const [index, { type, at, body }] of entries.entries()) {
    if (type === 'alert.fired' || type === 'alert.resolved') {
      const alert = memberText(body, 'alert');
      if (type === 'alert.fired') firing.set(alert, at);
      else firing.delete(alert);
      for (const channel of textsOf(body, 'channels')) {
        const id = `${index + 1}/${channel}`;
        pending.set(id, {
          ...{ id, alert, channel, delivered: [] },
          event: type === 'alert.fired' ? 'trigger' : 'resolve',
          text: memberText(body, 'text'),
          severity: memberText(body, 'severity'),
        });
      }
    } else if (type === 'notice.delivered') {
      const notice = pending.get(memberText(body, 'notice'));
      if (notice !== undefined) pending.set(notice.id, { ...notice, delivered: textsOf(body, 'ways') });
    } else if (type === 'notice.done') pending.delete(memberText(body, 'notice'));
  }
  return { firing, pending: [...pending.values()] };
}

/** The entries of the ledger that the address for events of an environment has still to be told; `number`: from 1. */
export function unsentAlerts<E extends { readonly type: string; readonly body: JsonObject }>(
  entries: readonly E[],
  environment: string,
): readonly { readonly entry: E; readonly number: number }[] {
  const sent = new Set(entries.filter(({ type }) => type === 'event.sent').map(({ body }) => body['entry']));
  return entries
    .map((entry, index) => ({ entry, number: index + 1 }))
    .filter(
      ({ entry: { body }, number }) =>
        body['events'] === true &&
        memberText(body, 'alert').startsWith(`${environment}/`) &&
        !sent.has(number),
    );
}

/** How an alert stood when it changed last. */
export interface AlertStanding {
  /** `production/dump-size-anomaly`: the environment, and the alert's id in the monitors of it. */
  readonly alert: string;
  readonly firing: boolean;
  /** Microseconds since the epoch. */
  readonly at: number;
}

/** Every alert that ever fired, in the order of their names. */
export function alertStandings(
  entries: readonly { readonly type: string; readonly at: number; readonly body: JsonObject }[],
): readonly AlertStanding[] {
  const known = new Map<string, AlertStanding>();
  for (const { type, at, body } of entries) {
    if (type !== 'alert.fired' && type !== 'alert.resolved') continue;
    const alert = memberText(body, 'alert');
    known.set(alert, { alert, firing: type === 'alert.fired', at });
  }
  return [...known.values()].sort((a, b) => (a.alert < b.alert ? -1 : 1));
}

function memberText(body: JsonObject, name: string): string {
  const value = body[name];
  return typeof value === 'string' ? value : '';
}

function textsOf(body: JsonObject, name: string): readonly string[] {
  const value = body[name];
  return listOf(value).filter((each) => typeof each === 'string');
}
