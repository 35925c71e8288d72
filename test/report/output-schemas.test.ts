import { expect, test } from 'vitest';
import type { JsonObject } from '../../engine/base/json.ts';
import { lastMeasured } from '../../engine/measure/last-measured.ts';
import type { RunSummary } from '../../engine/measure/summary.ts';
import { summarize } from '../../engine/measure/summary.ts';
import { trendsOf } from '../../engine/measure/trend.ts';
import type { Event } from '../../engine/model/event.ts';
import { historyJson } from '../../engine/report/history.ts';
import { renderReport } from '../../engine/report/report.ts';
import { Story, anyEvents, finished, started } from '../measure/rig.ts';
import fc from '../rig/fast-check.ts';
import { violations } from '../rig/output-schema.ts';
import { eventfulDrill } from './rig.ts';

const inReport = violations('report');
const inHistory = violations('history');

const JOURNAL = { ok: false, events: 40, head: 'b'.repeat(64), sealed: true, struck: [3] };
const PROBLEM = { line: 7, message: 'altered' };

const report = (events: readonly Event[]): unknown =>
  JSON.parse(renderReport(events, { format: 'json', journal: { ...JOURNAL, problem: PROBLEM } }));

test('the report of an eventful drill is as its schema says', () => {
  expect(inReport(report(eventfulDrill().events))).toEqual([]);
});

test('and so is that of whatever a journal may hold', () => {
  fc.assert(
    fc.property(anyEvents, (events) => {
      const story = new Story().add(started({ reason: 'why', rehearsal: 'r', world: 'w' }));
      for (const each of [events, [...story.events, ...events]]) expect(inReport(report(each))).toEqual([]);
    }),
    { numRuns: 100 },
  );
});

test('the history of runs is as its schema says', () => {
  const history = (runs: readonly RunSummary[]): unknown => {
    const last = lastMeasured(runs[0]?.playbook ?? '', runs);
    return JSON.parse(JSON.stringify(historyJson([{ id: 'p', playbook: undefined, last }], trendsOf(runs))));
  };
  fc.assert(
    fc.property(fc.array(anyEvents, { maxLength: 4 }), (journals) => {
      const runs = journals.map((events) =>
        summarize([...new Story().add(started({ rehearsal: 'r', world: 'w' })).events, ...events]),
      );
      const ended = summarize(new Story().add(started(), finished()).events);
      const drilled = summarize(eventfulDrill().events);
      expect(inHistory(history([drilled, ended, ...runs]))).toEqual([]);
    }),
    { numRuns: 50 },
  );
});

test('a schema knows nothing that is no member, and misses each that it needs', () => {
  const drilled = report(eventfulDrill().events) as JsonObject;
  expect(inReport({ ...drilled, more: 1 })).toEqual([expect.stringContaining('"more"')]);
  const { marks, ...without } = drilled;
  expect(marks).toBeDefined();
  expect(inReport(without)).toEqual([expect.stringContaining('"marks"')]);
});
