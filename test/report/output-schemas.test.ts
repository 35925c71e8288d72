import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { expect, test } from 'vitest';
import type { Json, JsonObject } from '../../engine/base/json.ts';
import { isJsonArray, isJsonObject } from '../../engine/base/json.ts';
import { lastMeasured } from '../../engine/measure/last-measured.ts';
import type { RunSummary } from '../../engine/measure/summary.ts';
import { summarize } from '../../engine/measure/summary.ts';
import { trendsOf } from '../../engine/measure/trend.ts';
import type { Event } from '../../engine/model/event.ts';
import { historyJson } from '../../engine/report/history.ts';
import { renderReport } from '../../engine/report/report.ts';
import { Story, anyEvents, finished, started } from '../measure/rig.ts';
import fc from '../rig/fast-check.ts';
import { eventfulDrill } from './rig.ts';

/** As others are told to write moments and days: RFC 3339, in UTC. */
const FORMATS = {
  'date-time': /^-?\d{4,}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d+)?Z$/,
  date: /^\d{4}-\d{2}-\d{2}$/,
};

/** A schema that is published is open to new members; here each member that is written has to be in it. */
function violations(name: string): (output: unknown) => readonly string[] {
  const path = join(import.meta.dirname, '..', '..', 'schemas', 'output', `${name}.schema.json`);
  const schema = closed(JSON.parse(readFileSync(path, 'utf8')) as JsonObject);
  const validate = new Ajv2020({ allErrors: true, allowUnionTypes: true, formats: FORMATS }).compile(schema);
  return (output) =>
    validate(output)
      ? []
      : (validate.errors ?? []).map(
          ({ instancePath, message, params }) => `${instancePath} ${message ?? ''} ${JSON.stringify(params)}`,
        );
}

function closed<T extends Json>(schema: T): T;
function closed(schema: Json): Json {
  if (isJsonArray(schema)) return schema.map((each) => closed(each));
  if (!isJsonObject(schema)) return schema;
  const members = Object.fromEntries(Object.entries(schema).map(([key, value]) => [key, closed(value)]));
  return isJsonObject(schema['properties']) && schema['type'] === 'object'
    ? { ...members, additionalProperties: false }
    : members;
}

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
