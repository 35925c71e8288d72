import { describe, expect, it } from 'vitest';
import { loadPlaybook } from '../../engine/load/playbook.ts';
import type { Library, LoadedPlaybook } from '../../engine/load/playbook.ts';
import { SourceFile } from '../../engine/source/file.ts';
import { processorMillis } from '../rig/processor-time.ts';

const HEAD = 'version: 1\nid: large\ntitle: Large\nsummary: A large one.\n';
const WAIT = '{ uses: wait, with: { for: 1ms } }';

const lines = (count: number, line: (index: number) => string): string =>
  Array.from({ length: count }, (_, index) => `${line(index)}\n`).join('');

/** `let` with so many values, each of which uses the one before. */
const chain = (count: number, first: string): string =>
  `let:\n  v0: ${first}\n${lines(count - 1, (index) => `  v${index + 1}: \${{ vars.v${index} }}`)}`;

const parts = (count: number): readonly string[] =>
  Array.from({ length: count }, (_, index) =>
    index === count - 1
      ? `  p${index}: { steps: [${WAIT}] }\n`
      : `  p${index}: { steps: [{ uses: part, with: { part: p${index + 1} } }] }\n`,
  );

const calling = (parted: readonly string[]): string =>
  `parts:\n${parted.join('')}steps:\n  - { uses: part, with: { part: p0 } }\n`;

const nothing: Library = { ids: () => Promise.resolve([]), find: () => Promise.resolve(undefined) };

const load = (text: string, library = nothing): Promise<LoadedPlaybook> =>
  loadPlaybook(new SourceFile('large.yaml', HEAD + text), library);

const codes = ({ diagnostics }: LoadedPlaybook): readonly string[] => [
  ...new Set(diagnostics.map(({ code }) => code)),
];

describe('a check neither overflows nor takes the square of the time', () => {
  const FIRST = `steps:\n  - { id: first, uses: wait, with: { for: 1ms } }\n`;

  // Seconds of processor on a machine of today: between 0.1 and 2. Where it was the square, 30 and more.
  it.each<[string, string, readonly string[]]>([
    ['values of let', `${chain(5000, 'one')}steps: []\n`, []],
    [
      'values of let that lead to a step',
      `${chain(5000, '${{ steps.first.outcome }}')}${FIRST}${lines(200, (index) => `  - { id: s${index}, uses: wait, with: { for: 1ms }, when: 'vars.v4999 == "x"' }`)}`,
      [],
    ],
    [
      'values of let that lead to a step that has not run',
      `${chain(5000, '${{ steps.first.outcome }}')}steps:\n  - { id: first, uses: wait, with: { for: 1ms }, when: 'vars.v4999 == "x"' }\n`,
      ['DB044'],
    ],
    [
      'inputs, each asked for',
      `inputs:\n${lines(3000, (index) => `  i${index}: { prompt: A, type: text, default: x }`)}steps:\n${lines(3000, (index) => `  - { uses: wait, with: { for: 1ms }, when: inputs.i${index} == "x" }`)}`,
      [],
    ],
    [
      'wrong names',
      `let:\n${lines(4000, (index) => `  v${index}: \${{ vars.w${index} }}`)}steps: []\n`,
      ['DB043', 'DB111'],
    ],
    ['parts that call each other', calling(parts(3000)), ['DB150', 'DB111']],
    ['parts that call each other, the last first', calling(parts(3000).toReversed()), ['DB150']],
    [
      'branches of a choice',
      `steps:\n  - choose:\n      prompt: Which?\n      branches:\n${lines(3000, (index) => `        b${index}: { title: B, steps: [] }`)}`,
      [],
    ],
  ])('of thousands of %s', async (_, text, told) => {
    const millis = await processorMillis(async () => {
      expect(codes(await load(text))).toEqual(told);
    });
    expect(millis).toBeLessThan(10_000);
  });
});

describe('calls may nest twenty deep', () => {
  it('in parts', async () => {
    expect(codes(await load(calling(parts(20))))).toEqual([]);
    expect(codes(await load(calling(parts(21))))).toEqual(['DB150']);
  });

  it.each([
    [20, []],
    [21, ['DB150']],
    [1000, ['DB150']],
  ])('in %i playbooks', async (count, told) => {
    const file = (index: number): SourceFile =>
      new SourceFile(
        `p${index}.yaml`,
        `${HEAD.replace('id: large', `id: p${index}`)}steps:\n  - ${
          index === count ? WAIT : `{ uses: playbook, with: { playbook: p${index + 1} } }`
        }\n`,
      );
    const loaded = await loadPlaybook(file(0), {
      ids: () => Promise.resolve([]),
      find: (id) => Promise.resolve(file(Number(id.slice(1)))),
    });
    expect(codes(loaded)).toEqual(told);
  });
});
