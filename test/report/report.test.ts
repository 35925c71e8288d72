import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { renderReport } from '../../engine/report/report.ts';
import { bodyOf, testStore } from '../journal/rig.ts';
import { START, Story, anyEvents, finished, started } from '../measure/rig.ts';
import { eventfulDrill } from './rig.ts';

const JOURNAL = { ok: true, events: 40, head: 'b'.repeat(64), sealed: true, struck: [] };

const text = (story: Story, width?: number): string => renderReport(story.events, { format: 'text', width });

const json = (story: Story): { readonly [name: string]: unknown } =>
  JSON.parse(renderReport(story.events, { format: 'json' })) as { readonly [name: string]: unknown };

describe('the text report', () => {
  it('tells a whole drill', async () => {
    const report = renderReport(eventfulDrill().events, { format: 'text', width: 100, journal: JOURNAL });
    await expect(`${report}\n`).toMatchFileSnapshot('golden/eventful-drill.txt');
  });

  it('tells a recovery that failed', async () => {
    const story = new Story()
      .add(started({ mode: 'recover', environment: { name: 'production', kind: 'production' } }))
      .wait(1000)
      .add({
        type: 'step.finished',
        key: 'a',
        title: 'Restore',
        outcome: 'failed',
        conclusion: 'failed',
        error: { code: 'X', message: 'no backup in the window', changed: 'nothing', retryable: false },
      })
      .add({ type: 'debt.opened', key: 'stopApi', title: 'Suspend the API', due: 'exit' })
      .add({ type: 'abort.begun', reason: 'no backup in the window', by: 'ada', undo: true })
      .add({ type: 'debt.settled', key: 'stopApi', how: 'declined', by: 'ada' })
      .wait(500)
      .add({ type: 'run.finished', outcome: 'failed', reason: 'Restore failed' });
    await expect(`${text(story)}\n`).toMatchFileSnapshot('golden/failed-recovery.txt');
  });

  it('fits the width it is given', () => {
    for (const width of [60, 80, 100, 120]) {
      const words = /\S{30,}/;
      const tooLong = text(eventfulDrill(), width)
        .split('\n')
        .filter((line) => Array.from(line).length > width && !words.test(line));
      expect(tooLong).toEqual([]);
    }
  });

  it('holds no colour codes unless asked, and no control characters of others ever', () => {
    const controls = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/;
    expect(text(eventfulDrill())).not.toMatch(controls);
    const colored = renderReport(eventfulDrill().events, { format: 'text', width: 100, color: true });
    const plain = colored.replaceAll(/\u001b\[\d+m/g, '');
    expect(plain).not.toBe(colored);
    expect(plain).toBe(text(eventfulDrill(), 100));
  });

  it('says that an unattended drill measures the machines only', () => {
    const drill = (unattended: boolean): Story => new Story().add(started({ unattended }), finished());
    expect(text(drill(true))).toContain('the floor that the machines set');
    expect(text(drill(false))).not.toContain('the floor');
  });

  it('says of a check that stayed green that it proves nothing', () => {
    expect(text(eventfulDrill())).toContain('PROVES NOTHING  A user can log in');
  });

  it('says that the journal was altered, when the store says so', () => {
    const options = {
      format: 'text' as const,
      journal: { ...JOURNAL, ok: false, sealed: false, struck: [3, 9] },
    };
    const report = renderReport(eventfulDrill().events, options);
    expect(report).toContain('ALTERED, not sealed');
    expect(report).toContain('payloads of events 3, 9');
  });

  it('tells what is known of a run that died before its first event', () => {
    expect(renderReport([], { format: 'text' })).toContain('interrupted, not at its end');
    expect(renderReport([], { format: 'text', writing: true })).toContain('running, not at its end');
  });
});

describe('the JSON report', () => {
  it('tells a whole drill', async () => {
    const report = renderReport(eventfulDrill().events, { format: 'json', journal: JOURNAL });
    await expect(report).toMatchFileSnapshot('golden/eventful-drill.json');
  });

  it('leaves out what is not known', () => {
    expect(json(new Story().add(started()))).not.toHaveProperty('loss');
    expect(json(new Story().add(started()))['objectives']).toEqual({});
  });
});

describe('a report', () => {
  it('made live equals one made from the journal', async () => {
    const rig = testStore();
    const open = await rig.store.create('a');
    let last = START;
    for (const event of eventfulDrill().events) {
      rig.clock.pass((event.at - last) / 1000);
      last = event.at;
      await open.journal.append(bodyOf(event));
    }
    await open.seal();
    await open.close();
    for (const format of ['text', 'json'] as const) {
      const options = { format, journal: await rig.store.verify('a') };
      expect(renderReport(rig.told, options)).toBe(renderReport(await rig.store.read('a'), options));
    }
  });

  it('exists for any events, and for any part of a real run', () => {
    fc.assert(
      fc.property(anyEvents, fc.integer({ min: 1, max: 200 }), (events, width) => {
        expect(renderReport(events, { format: 'text', width })).toBeTypeOf('string');
        expect(JSON.parse(renderReport(events, { format: 'json' }))).toBeTypeOf('object');
      }),
      { numRuns: 300 },
    );
    const { events } = eventfulDrill();
    for (let from = 0; from < events.length; from += 1) {
      for (const part of [events.slice(from), events.slice(0, from)]) {
        expect(renderReport(part, { format: 'text' })).toBeTypeOf('string');
        expect(renderReport(part, { format: 'json' })).toBeTypeOf('string');
      }
    }
  });
});
