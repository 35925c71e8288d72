import { XMLParser, XMLValidator } from 'fast-xml-parser';
import { describe, expect, it } from 'vitest';
import { renderReport } from '../../engine/report/report.ts';
import { bodyOf, testStore } from '../journal/rig.ts';
import type { EventBody } from '../../engine/model/event.ts';
import { START, Story, anyEvents, finished, started, stepFinished, stepStarted } from '../measure/rig.ts';
import fc from '../rig/fast-check.ts';
import { reportAs } from '../rig/report-as.ts';
import { eventfulDrill } from './rig.ts';

const JOURNAL = { ok: true, events: 40, head: 'b'.repeat(64), sealed: true, struck: [] };

const text = (story: Story, width?: number): string => renderReport(story.events, { format: 'text', width });

const json = (story: Story): { readonly [name: string]: unknown } =>
  JSON.parse(renderReport(story.events, { format: 'json' })) as { readonly [name: string]: unknown };

describe('the report as a page', () => {
  const page = (format: 'md' | 'html'): Promise<string> =>
    reportAs(format, eventfulDrill().events, { journal: JOURNAL });

  it('tells a whole drill in Markdown', async () => {
    await expect(await page('md')).toMatchFileSnapshot('golden/eventful-drill.md');
  });

  it('tells it in HTML that fetches nothing and runs nothing', async () => {
    const text = await page('html');
    expect(text).not.toMatch(/<script|https?:(?!\/\/www\.w3\.org)|url\(|@import|\son\w+=/);
    await expect(text).toMatchFileSnapshot('golden/eventful-drill.html');
  });

  it('takes no markup from what others wrote', async () => {
    const evil = '<img src=x onerror=alert(1)> | [a](javascript:b) **c** `d`';
    const story = new Story().add(started({ title: evil, reason: evil }), {
      type: 'note.added',
      text: evil,
      by: evil,
    });
    const html = await reportAs('html', story.events);
    const md = await reportAs('md', story.events);
    expect(html).not.toContain('<img');
    expect(html).toContain('&lt;img src=x onerror=alert(1)&gt;');
    expect(md).toContain('\\<img src=x onerror=alert(1)\\> \\| \\[a\\](javascript:b) \\*\\*c\\*\\* \\`d\\`');
  });

  it('is made of whatever a journal may hold', async () => {
    await fc.assert(
      fc.asyncProperty(
        anyEvents,
        fc.constantFrom('md' as const, 'html' as const),
        async (events, format) => (await reportAs(format, events)).length > 0,
      ),
      { numRuns: 50 },
    );
  });
});

/** JUnit XML as a parser reads it, well-formed. */
function readJunit(text: string): JunitSuites {
  const parser = new XMLParser({
    ignoreAttributes: false,
    attributeNamePrefix: '',
    isArray: (name) => /^testsuite$|^testcase$/.test(name),
  });
  // Its successor is a package of its own, which nothing else here would need.
  // eslint-disable-next-line @typescript-eslint/no-deprecated
  expect(XMLValidator.validate(text)).toBe(true);
  return (parser.parse(text) as { readonly testsuites: JunitSuites }).testsuites;
}

interface Counts {
  readonly tests: string;
  readonly failures: string;
  readonly errors: string;
}
interface JunitSuites extends Counts {
  readonly testsuite: readonly (Counts & {
    readonly name: string;
    readonly skipped: string;
    readonly testcase: readonly {
      readonly classname: string;
      readonly name: string;
      readonly time: string;
      readonly failure?: { readonly message: string; readonly type: string };
      readonly error?: object;
      readonly skipped?: object;
    }[];
  })[];
}

describe('the report for CI servers', () => {
  const read = (story: Story): JunitSuites => readJunit(renderReport(story.events, { format: 'junit' }));

  it('has a case for each objective, proof and step', () => {
    const { testsuite } = read(eventfulDrill());
    expect(testsuite.map(({ name }) => name)).toEqual([
      'database-corruption: Objectives',
      'database-corruption: Proven checks',
      'database-corruption: Steps',
    ]);
    const [objectives, proofs, steps] = testsuite;
    expect(objectives!.testcase.map(({ name, failure }) => [name, failure])).toEqual([
      ['The run ended well', undefined],
      ['RTO', undefined],
      ['RPO', undefined],
    ]);
    expect(proofs!.testcase.map(({ failure, skipped }) => [failure?.type, skipped !== undefined])).toEqual([
      [undefined, false],
      ['green', false],
      [undefined, true],
    ]);
    expect(steps!.testcase.find(({ name }) => name.startsWith('mail'))?.skipped).toBeDefined();
  });

  it('fails where an objective was missed or has no evidence', () => {
    const objectives = {
      rto: { targetMs: 1000, from: 'declared', to: 'verified' },
      rpo: { targetMs: 1000, evidence: 'heartbeat' },
    } as const;
    const story = new Story().add(started({ objectives }), {
      type: 'mark.set',
      mark: 'declared',
      time: START,
      source: 'run',
    });
    story.add({ type: 'mark.set', mark: 'verified', time: START + 5_000_000, source: 'step' }, finished());
    const cases = read(story).testsuite[0]!.testcase;
    expect(cases.map(({ name, time, failure }) => [name, time, failure?.type])).toEqual([
      ['The run ended well', '0.000', undefined],
      ['RTO', '5.000', 'missed'],
      ['RPO', '0.000', 'unproven'],
    ]);
  });

  it('counts what it holds, and is XML, whatever a journal may hold', () => {
    fc.assert(
      fc.property(anyEvents, fc.string({ unit: 'binary' }), (events, title) => {
        const story = new Story().add(started({ title }), {
          type: 'step.finished',
          key: title,
          title,
          outcome: 'failed',
          conclusion: 'failed',
        });
        for (const each of [events, story.events]) {
          const text = renderReport(each, { format: 'junit' });
          const found = readJunit(text);
          const cases = found.testsuite.flatMap(({ testcase }) => testcase);
          expect(Number(found.tests)).toBe(cases.length);
          expect(Number(found.failures)).toBe(cases.filter(({ failure }) => failure !== undefined).length);
          expect(Number(found.errors)).toBe(cases.filter(({ error }) => error !== undefined).length);
        }
      }),
      { numRuns: 60 },
    );
  });
});

describe('the text report', () => {
  it('tells a whole drill', async () => {
    const report = renderReport(eventfulDrill().events, { format: 'text', width: 100, journal: JOURNAL });
    await expect(`${report}\n`).toMatchFileSnapshot('golden/eventful-drill.txt');
  });

  it('calls nothing lost that the writer finds again, whatever the window', () => {
    const fence = { type: 'mark.set', mark: 'fenced', time: START + 5e6, key: 'f', source: 'step' } as const;
    const story = (lost: number): Story =>
      new Story().add(
        started({ objectives: { rpo: { targetMs: 3_600_000, evidence: 'heartbeat', to: 'fenced' } } }),
        { type: 'mark.set', mark: 'occurred', time: START, source: 'fault' },
        { type: 'recorded', key: 'r', name: 'recoveryPoint', value: { $time: '2026-11-22T14:54:59Z' } },
        stepStarted('f'),
        fence,
        stepFinished('f'),
        { type: 'loss.counted', acknowledged: 10, lost },
        finished(),
      );
    const found = (lost: number): string => renderReport(story(lost).events, { format: 'text', width: 120 });
    expect(found(0)).toContain(
      'after the accident was discarded, though nothing of the writer’s own list is lost.',
    );
    expect(found(1)).toContain('after the accident was discarded.');
  });

  describe('of an objective that only the sandbox met', () => {
    const story = new Story()
      .add(
        started({ objectives: { rto: { targetMs: 3_600_000, from: 'detected', to: 'verified' } } }),
        { type: 'mark.set', mark: 'detected', time: START, source: 'detect' },
        stepStarted('fetch'),
        {
          type: 'step.activity',
          key: 'fetch',
          class: 'external',
          reason: 'S3 fetches from the archive (tier Standard)',
          modelledMs: 18_000_000,
          modelledBy: 'aws.archive.realRetrieval.GLACIER.Standard',
        },
      )
      .wait(3000)
      .add(
        stepFinished('fetch'),
        { type: 'mark.set', mark: 'verified', time: START + 3e6, key: 'fetch', source: 'step' },
        finished(),
      );
    const words = 'met here, missed by 4h 00m in the real world';

    it.each(['text', 'md', 'html', 'junit'] as const)('says so as %s', async (format) => {
      const report = (await reportAs(format, story.events, { width: 120 })).replaceAll(/\s+/g, ' ');
      expect(report.replaceAll('\\', '')).toContain(words);
      if (format !== 'junit') {
        expect(report).toContain('3.0s');
        expect(report).toContain('aws.archive.realRetrieval.GLACIER.Standard');
      }
    });

    it('says so as JSON', () => {
      expect(json(story)).toMatchObject({
        run: { exitCode: 1 },
        objectives: {
          rto: { verdict: 'missed', actualMs: 3000, real: { actualMs: 18_000_000, here: 'met' } },
        },
        time: {
          modelled: [{ modelledMs: 18_000_000, modelledBy: 'aws.archive.realRetrieval.GLACIER.Standard' }],
        },
        findings: [{ level: 'bad', text: expect.stringContaining(words) as string }, {}],
      });
    });
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

  it('tells a loss that was noticed late in both parts, in every format', async () => {
    const rpo = { targetMs: 3_600_000, evidence: 'heartbeat' } as const;
    const point = { $time: '2026-11-22T14:54:59Z' };
    const late = (...fence: readonly EventBody[]): Story =>
      new Story().add(
        started({ objectives: { rpo } }),
        { type: 'mark.set', mark: 'occurred', time: START, source: 'fault' },
        { type: 'recorded', key: 'recovered', name: 'recoveryPoint', value: point },
        ...fence,
        finished(),
      );
    const night = late(
      { type: 'mark.set', mark: 'fenced', time: START + 9 * 3_600_000_000, key: 'fence', source: 'step' },
      stepFinished('fence'),
    );
    const formats = (story: Story): Promise<readonly string[]> =>
      Promise.all(
        (['text', 'md', 'html'] as const).map((format) => reportAs(format, story.events, { width: 120 })),
      );
    for (const page of await formats(night)) {
      const words = page.replaceAll(/<[^>]*>/g, ' ').replaceAll(/\s+/g, ' ');
      expect(words).toContain(
        'Loss window: 1.0s before the accident and 9h 00m after it. From 2026-11-22 14:54:59 UTC',
      );
      expect(words).toContain(
        'recorded by recovered) to 2026-11-22 23:55:00 UTC (nobody could write any more, shown by fence)',
      );
      expect(words).toMatch(/RPO\W+1h 00m\W+9h 00m\W+missed/);
      expect(words).toContain('What was written in the 9h 00m after the accident was discarded.');
    }
    for (const page of await formats(late())) {
      expect(page).toContain('≥ 1.0s');
      expect(page).toContain('at least 0ms after it');
      expect(page).toContain('no step set the mark fenced');
    }
    expect(json(night)).toMatchObject({
      version: 2,
      objectives: {
        rpo: {
          verdict: 'missed',
          actualMs: 32_401_000,
          beforeMs: 1000,
          afterMs: 32_400_000,
          to: 'fenced',
          lostUntil: '2026-11-22T23:55:00.000Z',
          endedBy: 'fenced',
          shownBy: 'fence',
        },
      },
    });
    expect(json(late())).toMatchObject({ objectives: { rpo: { verdict: 'unproven', atLeast: true } } });
    const junit = renderReport(late().events, { format: 'junit' });
    expect(junit).toContain('no step set the mark fenced');
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
