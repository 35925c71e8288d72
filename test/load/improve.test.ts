import { parse } from 'yaml';
import { describe, expect, it } from 'vitest';
import { Duration } from '../../engine/base/duration.ts';
import { improve } from '../../engine/load/improve.ts';
import { loadPlaybook } from '../../engine/load/playbook.ts';
import { folderLibrary } from '../../engine/load/library.ts';
import type { Playbook } from '../../engine/model/playbook.ts';
import type { Proposal } from '../../engine/model/proposal.ts';
import { SourceFile } from '../../engine/source/file.ts';
import fc from '../rig/fast-check.ts';

const TEXT = `# What to do when it burns
version: 1
id: example
title: 'Example'   # quoted
owner: DevOps Team
reviewed: "2026-01-01"
nextReview: '2026-04-02' # a quarter
summary: An example.
objectives:
  rto: { target: 1h, from: declared, to: verified }
steps:
  - phase: Work
    steps:
      # why it rests
      - id: rest
        uses: wait   # the kind
        with: { for: 1s }
        expect: "2s" # measured once
        mark: verified

      - { id: again, uses: wait, with: { for: 1s } }
  - id: loop
    forEach: { in: [1, 2], key: string(item) }
    steps:
      -   id: inner
          uses: wait
          with: { for: 1s }
`;

async function load(text: string): Promise<Playbook> {
  const loaded = await loadPlaybook(new SourceFile('example.yaml', text), folderLibrary([]));
  if (loaded.value === undefined)
    throw new Error(loaded.diagnostics.map(({ message }) => message).join('\n'));
  return loaded.value;
}

async function improved(proposals: readonly Proposal[], now = TEXT, then = TEXT) {
  const { files, diagnostics } = improve(proposals, await load(then), await load(now));
  const text = files[0]?.text ?? now;
  await load(text);
  return { text, problems: diagnostics.map(({ message }) => message) };
}

/** What was put between and what was taken out, by lines. */
function changes(before: string, after: string): readonly string[] {
  const [old, fresh] = [before.split('\n'), after.split('\n')];
  return [
    ...old.filter((line) => !fresh.includes(line)).map((line) => `-${line}`),
    ...fresh.filter((line) => !old.includes(line)).map((line) => `+${line}`),
  ];
}

const expectation = (key: string, toMs: number): Proposal => ({ type: 'expect', key, title: key, toMs });

describe('an expectation', () => {
  it('is changed in its quotes, the comment behind it stays', async () => {
    const { text } = await improved([expectation('rest', 90_000)]);
    expect(changes(TEXT, text)).toEqual([
      '-        expect: "2s" # measured once',
      '+        expect: "1m30s" # measured once',
    ]);
  });

  it('that is new stands below the kind, indented as the step is', async () => {
    const { text } = await improved([expectation('loop[*]/inner', 3000)]);
    expect(changes(TEXT, text)).toEqual(['+          expect: 3s']);
    expect(text).toContain('          uses: wait\n          expect: 3s\n          with:');
  });

  it('goes between the braces of a step in one line', async () => {
    const { text } = await improved([expectation('again', 3000)]);
    expect(text).toContain('- { id: again, uses: wait, expect: 3s, with: { for: 1s } }');
  });

  it('that is so already changes nothing', async () => {
    expect((await improved([expectation('rest', 2000)])).text).toBe(TEXT);
  });

  it('of something that has no place in the file is passed over', async () => {
    expect(await improved([expectation('stop!undo/x', 2000)])).toEqual({ text: TEXT, problems: [] });
  });
});

describe('a review', () => {
  it('moves the next one as far as it was', async () => {
    const { text } = await improved([{ type: 'reviewed', on: '2026-03-01' }]);
    expect(text).toContain('reviewed: "2026-03-01"\nnextReview: \'2026-05-31\' # a quarter\n');
  });

  it('is written down where nothing was said of it', async () => {
    const without = TEXT.replace(/reviewed.*\n/, '').replace(/nextReview.*\n/, '');
    const { text } = await improved([{ type: 'reviewed', on: '2026-03-01' }], without, without);
    expect(text).toContain('owner: DevOps Team\nreviewed: 2026-03-01\nnextReview: 2026-05-31\n');
  });

  it('that is older than the last is none', async () => {
    expect((await improved([{ type: 'reviewed', on: '2025-03-01' }])).text).toBe(TEXT);
  });
});

describe('a remark', () => {
  const remark = (text: string): Proposal => ({ type: 'remark', at: { step: 'rest', title: 'rest' }, text });

  it('stands above the step, as a comment, once', async () => {
    const { text } = await improved([remark('2026-03-01 ann: the\nbutton #2 moved')]);
    expect(text).toContain('      # 2026-03-01 ann: the button #2 moved\n      - id: rest\n');
    expect((await improved([remark('2026-03-01 ann: the button #2 moved')], text)).text).toBe(text);
  });

  it('that is long takes several lines', async () => {
    const { text } = await improved([remark('word '.repeat(60))]);
    expect(text.split('\n').every((line) => line.length <= 100)).toBe(true);
    expect(parse(text)).toEqual(parse(TEXT));
  });

  it('stands above the objective that was missed, and for the whole above its first line', async () => {
    const { text } = await improved([
      { type: 'remark', at: { objective: 'rto' }, text: 'missed' },
      { type: 'remark', at: 'playbook', text: 'all in all' },
    ]);
    expect(changes(TEXT, text)).toEqual(['+# all in all', '+  # missed']);
    expect(text).toContain('# all in all\nversion: 1');
    expect(text).toContain('  # missed\n  rto:');
  });
});

describe('a file that has changed since the run', () => {
  it('is no hindrance as long as the step is the same', async () => {
    const now = TEXT.replace('id: rest', "id: 'rest'  # renamed?").replace(
      'title: ',
      'priority: low\ntitle: ',
    );
    const { text, problems } = await improved([expectation('rest', 90_000)], now);
    expect(problems).toEqual([]);
    expect(text).toBe(now.replace('"2s"', '"1m30s"'));
  });

  it.each([
    [
      'with another step in its place',
      TEXT.replace('with: { for: 1s }\n        expect', 'with: { for: 9s }\n        expect'),
      /"rest" was changed/,
    ],
    ['without the step', TEXT.replace('id: rest', 'id: pause'), /"rest" \(rest\) is no longer there/],
    ['with another expectation', TEXT.replace('"2s"', '7s'), /expected to take was changed/],
  ])('%s is refused', async (_, now, message) => {
    const { text, problems } = await improved([expectation('rest', 90_000)], now);
    expect(problems).toEqual([expect.stringMatching(message)]);
    expect(text).toBe(now);
  });
});

describe('whatever the layout', () => {
  const blank = fc.constantFrom('', ' ', '   ');
  const comment = fc.constantFrom('', ' # why: "not"', '  #', ' # expect: 9s');
  const quote = fc.constantFrom('', '"', "'");
  const lineBreak = fc.constantFrom('\n', '\r\n');
  const step = fc.record({ indent: blank, gap: blank, quote, comment, before: comment, flow: fc.boolean() });
  const millis = fc.integer({ min: 3, max: 100_000 }).map((seconds) => seconds * 1000);

  it('nothing but the expectations changes, to the byte', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(step, millis), { minLength: 1, maxLength: 5 }),
        lineBreak,
        quote,
        async (steps, end, dateQuote) => {
          const layout = (value: (index: number) => string): string =>
            [
              'version: 1',
              'id: example',
              `title: Example${steps[0]?.[0].comment ?? ''}`,
              'summary: >-',
              '  expect: 2s is not',
              '  one of them.',
              `reviewed: ${dateQuote}2026-01-01${dateQuote}`,
              'steps:',
              ...steps.flatMap(([{ indent, gap, quote: mark, comment: note, before, flow }], index) => {
                const expected = `${mark}${value(index)}${mark}`;
                const id = `s${String(index)}`;
                if (flow)
                  return [
                    before.trim(),
                    `  - {${gap}id: ${id}, uses: wait, expect: ${expected}, with: { for: 1s }${gap}}${note}`,
                  ];
                const inner = `    ${indent}`;
                return [
                  before.trim(),
                  `  - ${indent}id: ${id}${gap}`,
                  `${inner}uses: wait${note}`,
                  `${inner}expect:${gap} ${expected}${note}`,
                  '',
                  `${inner}with: { for: 1s }${gap}`,
                ];
              }),
              '',
            ].join(end);
          const before = layout(() => '2s');
          const proposals = steps.map(([, toMs], index) => expectation(`s${String(index)}`, toMs));
          const { files, diagnostics } = improve(proposals, await load(before), await load(before));
          expect(diagnostics).toEqual([]);
          const loaded = await load(files[0]?.text ?? before);
          const durations = loaded.steps.map((node) => (node.type === 'step' ? node.expectMs : undefined));
          expect(durations).toEqual(steps.map(([, toMs]) => toMs));
          const values = steps.map(([, toMs]) => Duration.fromMillis(toMs).toString());
          expect(files[0]?.text).toBe(layout((index) => values[index] ?? ''));
        },
      ),
      { numRuns: 60 },
    );
  });
});
