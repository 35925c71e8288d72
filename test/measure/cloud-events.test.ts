import { CloudEvent, HTTP } from 'cloudevents';
import { describe, expect, it } from 'vitest';
import { alertEvent, cloudEventOf } from '../../engine/measure/cloud-events.ts';
import type { CloudEvent as Told } from '../../engine/model/cloud-event.ts';
import type { Event } from '../../engine/model/event.ts';
import fc from '../rig/fast-check.ts';
import { Story, anyEvents, finished, started, stepFinished, stepStarted } from './rig.ts';

const toldOf = (events: readonly Event[]): readonly Told[] =>
  events.flatMap((event, index) => cloudEventOf(event, events.slice(0, index + 1)) ?? []);

/** As the standard's own SDK reads what arrives. */
function asReceived(event: Told): CloudEvent<unknown> {
  const headers = { 'content-type': 'application/cloudevents+json; charset=utf-8' };
  const read = HTTP.toEvent({ headers, body: JSON.stringify(event) });
  if (Array.isArray(read)) throw new Error('several events');
  return new CloudEvent(read);
}

describe('the events of a run for others', () => {
  it('say which run of which environment, what happened and when, and whether it is a drill', () => {
    const { events } = new Story()
      .add(started({ run: 'the-run' }))
      .wait(1500)
      .add(stepStarted('stop', 'Stop the writers'), stepFinished('stop', 'succeeded', 'Stop the writers'))
      .add(finished());
    const told = toldOf(events);
    expect(told.map(({ id, type }) => [id, type])).toEqual([
      ['the-run/1', 'dev.drillbook.run.started'],
      ['the-run/2', 'dev.drillbook.step.started'],
      ['the-run/3', 'dev.drillbook.step.finished'],
      ['the-run/4', 'dev.drillbook.run.finished'],
    ]);
    expect(told[2]).toMatchObject({
      source: '/drillbook/sandbox',
      subject: 'the-run',
      time: '2026-11-22T14:55:01.500Z',
      drillbookmode: 'drill',
      data: { key: 'stop', title: 'Stop the writers', outcome: 'succeeded', conclusion: 'ok' },
    });
    expect(told[3]?.data).toMatchObject({ outcome: 'succeeded', exitCode: expect.any(Number) as number });
  });

  it('are CloudEvents to the official SDK, whatever happens in a run, each with an id of its own', () => {
    fc.assert(
      fc.property(anyEvents, (events) => {
        const told = toldOf(events);
        for (const each of told) expect(asReceived(each).validate()).toBe(true);
        expect(new Set(told.map(({ id }) => id)).size).toBe(told.length);
      }),
    );
  });

  it('hold no playbook, no argument, no output and no answer', () => {
    const secretly = 'not for others';
    const sources = [{ role: 'playbook' as const, path: 'p.yaml', text: secretly, sha256: '' }];
    const { events } = new Story()
      .add(started({ sources, answers: { password: secretly } }))
      .add({
        ...{ type: 'step.started', key: 'a', title: 'A', kind: 'shell', effect: 'read', digest: '' },
        ...{ describe: secretly, args: { script: secretly } },
      })
      .add({
        ...{ type: 'step.finished', key: 'a', title: 'A', outcome: 'failed', conclusion: 'failed' },
        ...{
          output: { stdout: secretly },
          error: { code: 'x', message: secretly, retryable: false, changed: 'maybe' },
        },
      });
    expect(toldOf(events)).toHaveLength(3);
    expect(JSON.stringify(toldOf(events))).not.toContain(secretly);
  });
});

it('the event of an alert is a CloudEvent too, named by the entry of the ledger that it is', () => {
  const body = { alert: 'production/old', text: 'No backup in 48 hours', severity: 'critical', channels: [] };
  const told = alertEvent({ type: 'alert.fired', at: 1_795_359_300_000_000, body }, 7);
  expect(asReceived(told).toJSON()).toMatchObject({
    ...{ id: 'alerts/7', source: '/drillbook/production', type: 'dev.drillbook.alert.fired', subject: 'old' },
    data: { alert: 'old', environment: 'production', text: 'No backup in 48 hours', severity: 'critical' },
  });
});
