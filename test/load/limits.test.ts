import { describe, expect, it } from 'vitest';
import { loadPlaybook } from '../../engine/load/playbook.ts';
import type { Diagnostic } from '../../engine/source/diagnostic.ts';
import { SourceFile } from '../../engine/source/file.ts';
import { processorMillis } from '../rig/processor-time.ts';

const HEAD = 'version: 1\nid: test\ntitle: Test\nsummary: A test.\n';
const library = { ids: () => Promise.resolve([]), find: () => Promise.resolve(undefined) };

async function check(text: string): Promise<readonly Diagnostic[]> {
  return (await loadPlaybook(new SourceFile('test.yaml', HEAD + text), library)).diagnostics;
}

const messages = (diagnostics: readonly Diagnostic[]): readonly string[] =>
  diagnostics.map(({ message }) => message);

const codes = (diagnostics: readonly Diagnostic[]): readonly string[] => diagnostics.map(({ code }) => code);

/** `let` with so many values, each of which names the one before twice. */
const doubling = (lines: number, first: string): string =>
  `let:\n  v0: ${first}\n${Array.from(
    { length: lines },
    (_, index) => `  v${index + 1}: \${{ vars.v${index} + vars.v${index} }}\n`,
  ).join('')}`;

const WAIT = 'steps:\n  - uses: wait\n    id: first\n    with: { for: 1s }\n';

describe('a check ends', () => {
  it('whatever the values of "let" have to do with each other', async () => {
    const steps = `${WAIT}    when: vars.v500 == "x"\n    confirm: { message: "\${{ vars.v500 }} \${{ vars.v499 }}" }\n`;
    expect(messages(await check(doubling(500, 'one') + steps))).toEqual([]);
  });

  it('and still says once which of them asks for a step too early', async () => {
    const steps = `${WAIT}    when: vars.v30 == "x"\n`;
    const diagnostics = await check(doubling(30, '${{ steps.first.output.a }}') + steps);
    const early = diagnostics.filter(({ code }) => code === 'DB044');
    expect(early.map(({ message }) => message)).toEqual([
      '"first" has not ended here, so its output is not known (in "let")',
    ]);
  });

  it.each(['!', '-', '(', '[', '{', 'a.', 'a[', '1+', '"', "'", '1?', '-(', '[{'])(
    'at an expression of fifty thousand times %s, with a place',
    async (part) => {
      const source = part.repeat(50_000);
      for (const text of [source, `\${{ ${source} }}`]) {
        const diagnostics = await check(
          `${WAIT}    confirm: { message: ${JSON.stringify(text)} }\n    when: ${JSON.stringify(text)}\n`,
        );
        expect(codes(diagnostics)).toContain(text === source ? 'DB040' : 'DB032');
        for (const { span } of diagnostics) expect(span).toBeDefined();
      }
    },
  );

  it.each([
    ['openings without an end', '${{ a '],
    ['ends without an opening', 'a }} '],
    ['openings in texts', "${{ 'a }} "],
    ['objects that do not end', '${{ {"a": {"b": 1 }} '],
    ['expressions', '${{ 1 }} '],
  ])('at a text of twenty thousand %s', async (_, part) => {
    const millis = await processorMillis(() =>
      check(`${WAIT}    confirm: { message: ${JSON.stringify(part.repeat(20_000))} }\n`),
    );
    expect(millis).toBeLessThan(5000);
  });
});

describe('diagnostics', () => {
  const wrong = (count: number): string =>
    `steps:\n${'  - { uses: wait, with: { for: 1s }, wen: true }\n'.repeat(count)}`;

  it('are all shown when there are a hundred', async () => {
    const diagnostics = await check(wrong(100));
    expect(diagnostics).toHaveLength(100);
    expect(codes(diagnostics)).not.toContain('DB111');
  });

  it('are counted beyond that, at the place of the first that is not shown', async () => {
    const diagnostics = await check(wrong(250));
    expect(diagnostics).toHaveLength(101);
    expect(diagnostics.at(-1)).toMatchObject({
      code: 'DB111',
      severity: 'error',
      message: 'From here on 150 errors and 0 warnings more are not shown',
    });
    const { span } = diagnostics.at(-1)!;
    expect(span?.file.position(span.start).line).toBe(5 + 1 + 100);
  });
});

describe('a pattern that is written in the playbook', () => {
  it.each(['(?=x)', '(?<!x)y', '(a)\\\\1', 'a**', '[z-a]', '('])(
    '%s is refused with its place',
    async (pattern) => {
      const expression = `run.operator.matches("${pattern}") || capture(run.id, "${pattern}") == ""`;
      const diagnostics = await check(`${WAIT}    when: '${expression}'\n`);
      expect(codes(diagnostics)).toEqual(['DB110', 'DB110']);
      const [{ span }] = diagnostics as [Diagnostic];
      expect(span?.file.text.slice(span.start, span.end)).toBe(`"${pattern}"`);
    },
  );
});
