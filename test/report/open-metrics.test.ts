// @module-tag needs/python3
// @module-tag needs/python3-prometheus-client
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { text } from 'node:stream/consumers';
import { parser } from '@prometheus-io/lezer-promql';
import { describe, expect, it, test } from 'vitest';
import { DEBIAN_PYTHON } from '../../engine/base/programs.ts';
import { summarize } from '../../engine/measure/summary.ts';
import type { RunSummary } from '../../engine/measure/summary.ts';
import { trendsOf } from '../../engine/measure/trend.ts';
import { openMetrics } from '../../engine/report/open-metrics.ts';
import type { Measured } from '../../engine/report/open-metrics.ts';
import { Story, finished, started } from '../measure/rig.ts';
import fc from '../rig/fast-check.ts';

interface Sample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

// The reader of those who wrote the standard: it refuses what the standard does not allow.
const PARSE = `
import json, sys
from prometheus_client.openmetrics.parser import text_string_to_metric_families
texts = json.load(sys.stdin)
print(json.dumps([[
    {'name': s.name, 'labels': s.labels, 'value': s.value}
    for family in text_string_to_metric_families(text) for s in family.samples] for text in texts]))
`;

async function run(program: string, args: readonly string[], input: string): Promise<string> {
  const child = spawn(program, args, {
    env: { ...process.env, PYTHONPATH: DEBIAN_PYTHON },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  child.stdin.end(input);
  const [printed, said] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')]);
  expect(child.exitCode, `${printed}${said}`).toBe(0);
  return printed;
}

const parsed = async (texts: readonly string[]): Promise<readonly (readonly Sample[])[]> =>
  JSON.parse(await run('python3', ['-c', PARSE], JSON.stringify(texts))) as readonly Sample[][];

/** A drill that met its RTO after so many seconds, as it is summed up. */
function drilled(over: Partial<RunSummary> = {}): RunSummary {
  const { events } = new Story()
    .add(
      started({
        rehearsal: 'wholeDatabase',
        objectives: { rto: { targetMs: 1_800_000, from: 'declared', to: 'verified' } },
      }),
    )
    .wait(60_000)
    .add(finished());
  return {
    ...summarize(events),
    rto: { verdict: 'met', targetMs: 1_800_000, actualMs: 754_500, from: 'declared', to: 'verified' },
    loss: { lost: 3, source: 'counted' },
    ...over,
  };
}

const measured = (runs: readonly RunSummary[], over: Partial<Measured> = {}): Measured => ({
  playbooks: [],
  trends: trendsOf(runs),
  due: [
    {
      entry: {
        ...{ id: 'quarterly', title: 'Quarterly', playbook: 'p', environment: 'sandbox' },
        ...{ rule: 'FREQ=MONTHLY', from: '2026-01-01', withinMs: 0, soc2: true },
      },
      state: 'overdue',
      due: '2026-10-01',
      next: '2027-01-01',
      missed: 2,
    } as unknown as Measured['due'][number],
  ],
  zone: 'Europe/Berlin',
  alerts: [{ alert: 'production/dumps', firing: true, at: 1_795_359_300_000_000 }],
  unreadable: 1,
  ...over,
});

const SETTING = { playbook: 'p', mode: 'drill', environment: 'sandbox', rehearsal: 'wholeDatabase' };

describe('a store as OpenMetrics', () => {
  it('says what the newest run measured, what is due, and what fires', async () => {
    const older = drilled({
      startedAt: 1_700_000_000_000_000,
      loss: { lost: 9, source: 'counted' },
    });
    const newest = drilled({ playbook: 'p' });
    const [samples = []] = await parsed([openMetrics(measured([{ ...older, playbook: 'p' }, newest]))]);
    const of = (name: string) => samples.filter((sample) => sample.name === name);
    expect(of('drillbook_last_run_timestamp_seconds')).toMatchObject([
      { labels: SETTING, value: (newest.startedAt ?? 0) / 1e6 },
    ]);
    expect(of('drillbook_last_rta_seconds')).toMatchObject([{ value: 754.5 }]);
    expect(of('drillbook_last_rows_lost')).toMatchObject([{ value: 3 }]);
    expect(of('drillbook_last_objective_met')).toMatchObject([{ labels: { objective: 'rto' }, value: 1 }]);
    expect(of('drillbook_runs').filter(({ value }) => value > 0)).toMatchObject([
      { labels: { ...SETTING, objective: 'rto', verdict: 'met' }, value: 2 },
    ]);
    expect(of('drillbook_overdue')).toMatchObject([{ labels: { entry: 'quarterly' }, value: 1 }]);
    // Midnight in Berlin.
    expect(of('drillbook_due_timestamp_seconds')).toMatchObject([
      { value: Date.parse('2026-09-30T22:00:00Z') / 1000 },
    ]);
    expect(of('drillbook_alert_firing')).toEqual([
      { name: 'drillbook_alert_firing', labels: { alert: 'production/dumps' }, value: 1 },
    ]);
    expect(of('drillbook_unreadable_runs')).toMatchObject([{ value: 1 }]);
  });

  it('is read back by another reader, whatever names and titles are', async () => {
    const names = fc.sample(fc.string({ unit: 'binary', maxLength: 20 }), 50);
    const texts = names.map((name) => openMetrics(measured([drilled({ playbook: name, rehearsal: name })])));
    const read = await parsed(texts);
    for (const [index, name] of names.entries()) {
      const last = read[index]?.find((sample) => sample.name === 'drillbook_last_rta_seconds');
      expect(last?.labels).toMatchObject({ playbook: name, rehearsal: name });
    }
  });

  it('is read of an empty store too', async () => {
    const [samples] = await parsed([openMetrics(measured([], { due: [], alerts: [], unreadable: 0 }))]);
    expect(samples?.map(({ name, value }) => [name, value])).toEqual([['drillbook_unreadable_runs', 0]]);
  });
});

describe('the dashboard for Grafana', () => {
  const path = resolve(import.meta.dirname, '../../docs/grafana-dashboard.json');
  const dashboard = JSON.parse(readFileSync(path, 'utf8')) as {
    readonly panels: readonly { readonly title: string; readonly targets: readonly Target[] }[];
    readonly templating: { readonly list: readonly { readonly definition?: string }[] };
  };
  const queries = dashboard.panels.flatMap(({ targets }) => targets.map(({ expr }) => expr));

  // By the grammar of those who wrote Prometheus. A variable of Grafana is a text to it.
  test.each(queries)('asks Prometheus what it understands: %s', (query) => {
    const places: string[] = [];
    parser.parse(query).iterate({
      enter: ({ type, from }) => {
        if (type.isError) places.push(query.slice(from));
      },
    });
    expect(places).toEqual([]);
  });

  test('shows metrics that there are, by labels that they have', async () => {
    const [samples = []] = await parsed([openMetrics(everything())]);
    const labels = new Map<string, Set<string>>();
    for (const { name, labels: of } of samples) labels.set(name, new Set(Object.keys(of)));
    const asked = [...queries, ...dashboard.templating.list.flatMap(({ definition = '' }) => definition)];
    for (const query of asked) {
      const names = [...query.matchAll(/drillbook_\w+/g)].map(([name]) => name);
      for (const name of names) expect([...labels.keys()], query).toContain(name);
      const known = new Set(names.flatMap((name) => [...(labels.get(name) ?? [])]));
      const used = [...query.matchAll(/(\w+)\s*(?:=~?|!=)\s*"|(?:by|on) \(([^)]*)\)/g)];
      for (const [, matched = '', listed = ''] of used)
        for (const label of `${matched},${listed}`.split(/[ ,]+/).filter(Boolean))
          expect(known, query).toContain(label);
    }
    const everyName = new Set(asked.flatMap((query) => query.match(/drillbook_\w+/g) ?? []));
    expect(everyName.size).toBeGreaterThan(9);
  });

  test('names in its legends what the queries leave', async () => {
    const [samples = []] = await parsed([openMetrics(everything())]);
    for (const { expr, legendFormat } of dashboard.panels.flatMap(({ targets }) => targets)) {
      const name = /drillbook_\w+/.exec(expr)?.[0];
      const by = /by \(([^)]*)\)/.exec(expr)?.[1]?.split(/, */);
      const left = by ?? Object.keys(samples.find((sample) => sample.name === name)?.labels ?? {});
      for (const [, label] of legendFormat.matchAll(/\{\{(\w+)\}\}/g)) expect(left, expr).toContain(label);
    }
  });
});

interface Target {
  readonly expr: string;
  readonly legendFormat: string;
}

/** Each metric with a sample. */
const everything = (): Measured =>
  measured(
    [
      drilled({
        rpo: { verdict: 'met', targetMs: 1000, actualMs: 500, evidence: 'heartbeat', to: 'fenced' },
      }),
    ],
    {
      playbooks: [
        {
          id: 'p',
          playbook: { objectives: { rto: { targetMs: 1_800_000 } }, priority: 'high' },
          last: {},
        } as unknown as Measured['playbooks'][number],
      ],
    },
  );
