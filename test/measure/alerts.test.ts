import { describe, expect, it } from 'vitest';
import { Instant } from '../../engine/base/instant.ts';
import { alertState, backupsOf, judge } from '../../engine/measure/alerts.ts';
import type { AlertCondition } from '../../engine/model/monitor.ts';

const NOW = Instant.parse('2026-11-22T12:00:00Z')!;
const ago = (hours: number): Instant => new Instant(NOW.epochMicros - hours * 3_600_000_000);

const fires = (when: AlertCondition, ...backups: readonly object[]) =>
  judge(when, { ok: true, backups: backupsOf(backups as never)! }, NOW)?.firing;

describe('an alert', () => {
  it('fires when there was no good backup for too long, to the moment', () => {
    const old = { type: 'olderThan', millis: 48 * 3_600_000 } as const;
    expect(fires(old)).toBe(true);
    expect(fires(old, { at: ago(48) })).toBe(false);
    expect(fires(old, { at: ago(48.01) })).toBe(true);
    expect(fires(old, { at: ago(50) }, { at: ago(1), ok: false })).toBe(true);
  });

  it('fires when the newest backup failed, in whatever order they are listed', () => {
    expect(fires({ type: 'failed' }, { at: ago(1), ok: false }, { at: ago(9) })).toBe(true);
    expect(fires({ type: 'failed' }, { at: ago(1) }, { at: ago(9), ok: false })).toBe(false);
  });

  it('fires when the newest is smaller than the share of the average before it', () => {
    const small = { type: 'smallerThan', share: 0.8 } as const;
    const before = [
      { at: ago(3), bytes: 90 },
      { at: ago(2), bytes: 110 },
    ];
    expect(fires(small, ...before, { at: ago(1), bytes: 80 })).toBe(false);
    expect(fires(small, ...before, { at: ago(1), bytes: 79 })).toBe(true);
    expect(fires(small, { at: ago(1), bytes: 1 })).toBe(false);
  });

  it('stays as it is while nothing can be seen, which is an alert of its own', () => {
    const blind = { ok: false, message: 'Render does not answer' } as const;
    expect(judge({ type: 'failed' }, blind, NOW)).toBeUndefined();
    expect(judge({ type: 'unreadable' }, blind, NOW)).toEqual({ firing: true, reading: blind.message });
  });
});

describe('what the ledger remembers', () => {
  const fired = {
    type: 'alert.fired',
    at: 1,
    body: { alert: 'p/a', text: 't', severity: 'critical', channels: ['ops'] },
  };

  it('owes a notice until it is done, with the ways that took it', () => {
    const half = { type: 'notice.delivered', at: 2, body: { notice: '1/ops', ways: ['slack'] } };
    expect(alertState([fired]).pending).toMatchObject([{ id: '1/ops', event: 'trigger', delivered: [] }]);
    expect(alertState([fired, half]).pending).toMatchObject([{ delivered: ['slack'] }]);
    expect(alertState([fired, { type: 'notice.done', at: 3, body: { notice: '1/ops' } }]).pending).toEqual(
      [],
    );
  });

  it('tells of both when it was resolved before anybody was told', () => {
    const state = alertState([fired, { ...fired, type: 'alert.resolved', at: 5 }]);
    expect([...state.firing]).toEqual([]);
    expect(state.pending.map(({ event }) => event)).toEqual(['trigger', 'resolve']);
  });
});
