import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { columns } from '../../engine/base/layout.ts';
import { nextSteps } from '../../engine/cli/commands/new.ts';
import { explain } from '../../engine/cli/explain.ts';
import { CommandError, EXIT } from '../../engine/cli/exit.ts';
import { printDiagnostic, say, sayCommand, sayError } from '../../engine/cli/terminal.ts';
import { StoreError } from '../../engine/journal/store.ts';
import { SourceFile } from '../../engine/source/file.ts';

const HINT =
  'Its journal and report stay. Another run of this playbook in the same environment goes on; end it, or wait for 日本語 to be over.';
const FILE = new SourceFile(
  'playbooks/shop.yaml',
  `steps: [{ id: read, title: ${'A long title, '.repeat(12)}, uses: sql }]\n`,
);

/** What a command prints that is prose, by what it is. */
const PRINTED: Readonly<Record<string, () => unknown>> = {
  'an error with its hint': () =>
    explain(
      new CommandError(`there is no run of this name in the store: ${HINT}`, {
        exitCode: EXIT.invalid,
        hint: HINT,
      }),
    ),
  'a store that refuses': () =>
    explain(new StoreError('locked', `another process writes to it. ${HINT}`, { hint: HINT })),
  'a diagnostic': () =>
    printDiagnostic({
      code: 'DB101',
      severity: 'error',
      message: HINT,
      hint: HINT,
      span: { file: FILE, start: 200, end: 204 },
    }),
  'the end of a run': () => {
    sayCommand('Timeline, checks and answers:', 'drillbook report 20261130-0801-tq4t');
    sayCommand('  This holds a store against a head that was noted:', 'drillbook audit --head HASH');
  },
  'what to do next': () => say(nextSteps([['drillbook check', 'finds every mistake in all of its files']])),
  'a finding': () => sayError(`warning  ${HINT}`, 9),
};

let written: string;

beforeEach(() => {
  written = '';
  for (const stream of [process.stdout, process.stderr]) {
    vi.spyOn(stream, 'write').mockImplementation((text) => {
      written += String(text);
      return true;
    });
  }
});

afterEach(() => {
  vi.restoreAllMocks();
  for (const stream of [process.stdout, process.stderr]) {
    Reflect.deleteProperty(stream, 'isTTY');
    Reflect.deleteProperty(stream, 'columns');
  }
});

/** Both streams as a terminal of that many columns, or as none. */
function onTerminal(width: number | undefined): void {
  for (const stream of [process.stdout, process.stderr]) {
    Object.defineProperty(stream, 'isTTY', { value: width !== undefined, configurable: true });
    Object.defineProperty(stream, 'columns', { value: width, configurable: true });
  }
}

async function printed(print: () => unknown, width: number | undefined): Promise<readonly string[]> {
  written = '';
  onTerminal(width);
  await print();
  return written.split('\n');
}

/** Lines of a file are cut around the place, not broken. */
const wordsOf = (lines: readonly string[]): readonly string[] =>
  lines
    .filter((line) => !/^ +\d* \|/.test(line))
    .flatMap((line) => line.split(/\s+/))
    .filter((word) => word !== '');

const widths = [40, 60, 80, 120];

describe.each(Object.entries(PRINTED))('%s', (_, print) => {
  it.each(widths)('fits %d columns and breaks no word', async (width) => {
    const whole = await printed(print, undefined);
    const lines = await printed(print, width);
    expect(wordsOf(lines)).toEqual(wordsOf(whole));
    for (const line of lines) {
      const isOneWord = !/\S\s+\S/.test(line);
      if (!isOneWord && !line.includes('drillbook report'))
        expect(columns(line), line).toBeLessThanOrEqual(width);
    }
  });

  it('is as many lines as it has sentences where no terminal is', async () => {
    const lines = await printed(print, undefined);
    expect(Math.max(...lines.map(columns))).toBeGreaterThan(40);
  });
});

it('leaves a command whole, below its words where there is too little room', async () => {
  const command = 'drillbook resume 20261130-0801-tq4t';
  expect(await printed(() => sayCommand('Go on with:', command), 80)).toEqual([`Go on with: ${command}`, '']);
  expect(await printed(() => sayCommand('Go on with:', command), 40)).toEqual([
    'Go on with:',
    `  ${command}`,
    '',
  ]);
});
