import {
  chmodSync,
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { main } from '../../engine/cli/program.ts';
import { temporaryFolder } from '../rig/drillbook.ts';
import { writePastRuns } from '../rig/past-runs.ts';

const FILES = {
  'database-corruption.yaml': `version: 1
id: database-corruption
title: Database corruption
summary: For a test.
objectives: { rto: { target: 30m, from: detected, to: verified } }
steps:
  - { uses: wait, with: { for: 1s }, mark: verified }
`,
  'environments/staging.yaml': 'version: 1\nname: staging\nkind: staging\n',
  'schedule.yaml': `version: 1
name: Drills
entries:
  yearly: { title: Each year, playbook: database-corruption, environment: sandbox, rule: FREQ=YEARLY, from: 2026-01-01, within: 30d }
`,
};

const RUN = '20260105-0900-past';
let cwd: string;
let printed: string[];
let said: string[];

beforeEach(async () => {
  cwd = temporaryFolder();
  for (const [name, text] of Object.entries(FILES)) {
    const path = join(cwd, 'playbooks', name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
  }
  await writePastRuns(join(cwd, 'store'), [{ at: '2026-01-05T09:00:00Z', rehearsal: 'whole' }]);
  printed = [];
  said = [];
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => printed.push(String(text)) > 0);
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => said.push(String(text)) > 0);
});

afterEach(() => {
  vi.restoreAllMocks();
});

const PLACES = { playbooks: () => join(cwd, 'playbooks'), store: () => join(cwd, 'store') };

/** What a command printed, and its exit code; `takes`: the places that it is told. */
async function run(words: readonly string[], takes: readonly (keyof typeof PLACES)[]) {
  printed = [];
  said = [];
  const places = takes.flatMap((place) => [`--${place}`, PLACES[place]()]);
  const exitCode = await main(['node', 'drillbook', ...words, ...places]);
  return { exitCode, stdout: printed.join(''), stderr: said.join('') };
}

const both = ['playbooks', 'store'] as const;
const COMMANDS: readonly (readonly [string, readonly (keyof typeof PLACES)[]])[] = [
  ['list', both],
  ['list --json', both],
  ['runs', ['store']],
  ['runs --json', ['store']],
  [`report ${RUN}`, ['store']],
  [`report ${RUN} --format html`, ['store']],
  [`report ${RUN} --format junit`, ['store']],
  [`report ${RUN} --format md`, ['store']],
  ['history', both],
  ['history --format html', both],
  ['history --format scorecard', both],
  ['history --openmetrics', both],
  ['findings', ['store']],
  ['audit --format csv', ['store']],
  ['audit --verify', ['store']],
  ['plan database-corruption --env staging', both],
  ['schedule', both],
  ['schedule --ics', both],
  ['check --format sarif', ['playbooks']],
  ['check', ['playbooks']],
  [`improve ${RUN}`, ['store']],
];

/** What the second that it was made in changes. */
const timeless = (text: string): string =>
  text.replaceAll(
    /\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d+)?)?|DTSTAMP:\w+|\d+(\.\d+)? ?m?s\b|\d{10,}(\.\d+)?/g,
    '',
  );

it.each(COMMANDS)('%s -o FILE writes what it would have printed, and says where', async (command, takes) => {
  const path = join(cwd, 'new/out.txt');
  const before = await run(command.split(' '), takes);
  const after = await run([...command.split(' '), '-o', path], takes);
  expect(after.exitCode).toBe(before.exitCode);
  expect(after.stdout).toBe('');
  expect(after.stderr).toContain('new/out.txt');
  expect(timeless(readFileSync(path, 'utf8'))).toBe(timeless(before.stdout));
});

describe('-o FILE', () => {
  const list = (path: string) => run(['list', '--out', path], both);

  it('replaces what is there and says that it did, with the rights that it had', async () => {
    const path = join(cwd, 'out.txt');
    writeFileSync(path, 'old');
    chmodSync(path, 0o640);
    expect((await list(path)).stderr).toMatch(/^written over .*out\.txt$/m);
    expect(readFileSync(path, 'utf8')).toContain('database-corruption');
    expect(statSync(path).mode & 0o777).toBe(0o640);
    expect(readdirSync(cwd).toSorted()).toEqual(['out.txt', 'playbooks', 'store']);
  });

  it('leaves what is there when the command fails', async () => {
    const path = join(cwd, 'out.txt');
    writeFileSync(path, 'old');
    const { exitCode } = await run(['report', 'no-such-run', '-o', path], ['store']);
    expect(exitCode).toBe(2);
    expect(readFileSync(path, 'utf8')).toBe('old');
    // And the next command prints again.
    expect((await run(['list'], both)).stdout).toContain('database-corruption');
  });

  it('writes through a link, and into what is no file', async () => {
    const path = join(cwd, 'real.txt');
    const link = join(cwd, 'link.txt');
    writeFileSync(path, 'old');
    symlinkSync(path, link);
    await list(link);
    expect(readFileSync(path, 'utf8')).toContain('database-corruption');
    expect((await list('/dev/null')).exitCode).toBe(0);
    expect(statSync('/dev/null').isCharacterDevice()).toBe(true);
  });

  it.each([
    ['a folder', () => cwd, 'it is a folder'],
    ['a folder that is a file', () => join(cwd, 'playbooks/schedule.yaml/out.txt'), 'schedule.yaml'],
  ])('is refused for %s, in words', async (_, path, why) => {
    const { exitCode, stderr } = await list(path());
    expect(exitCode).toBe(2);
    expect(stderr).toMatch(/error: --out .* cannot be written/);
    expect(stderr).toContain(why);
  });

  it('is standard output for -', async () => {
    const { stdout, stderr } = await list('-');
    expect(stdout).toContain('database-corruption');
    expect(stderr).toBe('');
    expect(existsSync(join(cwd, '-'))).toBe(false);
  });
});
