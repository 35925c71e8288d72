// @module-tag needs/python3
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  appendFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  watch,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { drillbook, temporaryFolder } from '../rig/drillbook.ts';
import { startOnTerminal } from '../rig/pseudo-terminal.ts';

const ROOT = resolve(import.meta.dirname, '..', '..');
const TIMEOUT = { timeout: 300_000 };
const TWO_DAYS_AGO = new Date(Date.now() - 48 * 60 * 60 * 1000);

/** A copy of the project, whose sources these tests change: each test begins with what the one before it built. */
let project: string;
let bundles: string;
let main: string;

beforeAll(() => {
  project = mkdtempSync(join(tmpdir(), 'drillbook-test-'));
  bundles = join(project, 'dist', 'bundle');
  main = join(project, 'dist', 'cli', 'main.cjs');
  const parts = ['engine', 'schemas', 'playbooks', 'package.json', 'tsconfig.json', 'tsconfig.build.json'];
  for (const part of [...parts, 'dist']) cpSync(join(ROOT, part), join(project, part), { recursive: true });
  symlinkSync(join(ROOT, 'node_modules'), join(project, 'node_modules'));
  compile({ noCheck: true });
});
afterAll(() => rmSync(project, { recursive: true, force: true }));

/** All that `npm ci` does. */
const build = (): Promise<unknown> =>
  promisify(execFile)('npm', ['run', '--silent', 'build'], { cwd: project });
/** The step of it that makes the bundle of the sources, and switches to it. */
const BUNDLE = ['dist/cli/bundle-program.js'];
const bundle = (): Promise<unknown> => promisify(execFile)(process.execPath, BUNDLE, { cwd: project });
const current = (): string => readFileSync(join(bundles, 'current'), 'utf8');
const lastUsed = (bundle: string): number => statSync(join(bundles, bundle)).mtimeMs;
const forgetUse = (bundle: string): void => utimesSync(join(bundles, bundle), TWO_DAYS_AGO, TWO_DAYS_AGO);

/** These builds differ by names alone: types are checked only where that is what a test is about. */
function compile(options: { readonly noCheck: boolean }): void {
  const path = join(project, 'tsconfig.build.json');
  const config = JSON.parse(readFileSync(path, 'utf8')) as { compilerOptions: object };
  writeFileSync(
    path,
    JSON.stringify({ ...config, compilerOptions: { ...config.compilerOptions, ...options } }),
  );
}

/** Renames in all sources what most modules import: parts of two builds can do nothing with each other. */
function changeSources(name: string, newName: string): void {
  for (const file of readdirSync(join(project, 'engine'), { recursive: true, encoding: 'utf8' })) {
    const path = join(project, 'engine', file);
    if (!/\.c?ts$/.test(file)) continue;
    const text = readFileSync(path, 'utf8');
    writeFileSync(path, text.replaceAll(new RegExp(`\\b${name}\\b`, 'g'), newName));
  }
}

async function expectToStart(): Promise<void> {
  const cwd = temporaryFolder();
  const playbook = join(project, 'playbooks', 'database-corruption.yaml');
  expect(await drillbook(['check', playbook], { cwd, main })).toMatchObject({ exitCode: 0 });
}

it('a run at a gate ends with the code it began with, the next start uses the new', TIMEOUT, async () => {
  const cwd = temporaryFolder();
  mkdirSync(join(cwd, 'playbooks', 'environments'), { recursive: true });
  writeFileSync(
    join(cwd, 'playbooks', 'gate.yaml'),
    `version: 1
id: gate
title: A gate
summary: For a test.
steps:
  - id: write
    title: Write the proof
    uses: shell
    with: { script: 'echo proof > proof.txt' }
    effect: read
    confirm: { message: It is written now. }
  - id: page
    title: Show a page, with code that is loaded now
    uses: shell
    with: { script: 'touch up; while true; do sleep 1 & wait $!; done' }
    effect: read
    background:
      ready: { uses: shell, with: { script: test -f up }, that: output.exitCode == 0, every: 50ms, timeout: 20s }
  - id: verify
    title: Look at the proof
    uses: shell
    with: { script: 'cat proof.txt', stdout: text }
    effect: read
    mark: verified
`,
  );
  writeFileSync(
    join(cwd, 'playbooks', 'environments', 'test.yaml'),
    'version: 1\nname: test\nkind: staging\npolicy: { allowScripts: true }\n',
  );
  const old = current();
  forgetUse(old);
  const run = startOnTerminal(['drill', 'gate', '--env', 'test'], { cwd, main });
  await run.terminal.shows(/It is written now/);

  changeSources('StepError', 'ErrorOfStep');
  changeSources('systemClock', 'clockOfSystem');
  await bundle();
  expect(current()).not.toBe(old);

  await run.answer(/It is written now/, 'g');
  expect(await run.finished).toBe(0);
  expect(readFileSync(join(cwd, 'proof.txt'), 'utf8')).toBe('proof\n');
  await expectToStart();
  expect(existsSync(join(bundles, current(), 'start.cache'))).toBe(true);
});

it('what does not compile leaves the last build as it was', TIMEOUT, async () => {
  const source = join(project, 'engine', 'cli', 'main.cts');
  const [good, before, entry] = [readFileSync(source, 'utf8'), current(), readFileSync(main, 'utf8')];
  appendFileSync(source, "const wrong: number = 'text';\n");
  compile({ noCheck: false });
  await expect(build()).rejects.toMatchObject({ stdout: expect.stringMatching(/not assignable/) as string });
  compile({ noCheck: true });
  writeFileSync(source, good);
  expect([current(), readFileSync(main, 'utf8')]).toEqual([before, entry]);
  await expectToStart();
});

it('two builds at once leave one whole bundle to start from', TIMEOUT, async () => {
  const before = current();
  changeSources('ErrorOfStep', 'StepError');
  await Promise.all([build(), build()]);
  expect(current()).not.toBe(before);
  expect(readdirSync(bundles)).not.toContainEqual(expect.stringMatching(/\.\d+$/));
  await expectToStart();
});

it('a build that is killed leaves a whole bundle, and the next build is good', TIMEOUT, async () => {
  changeSources('clockOfSystem', 'systemClock');
  const watcher = watch(bundles);
  const begun = once(watcher, 'change');
  const child = spawn(process.execPath, BUNDLE, { cwd: project });
  await begun;
  child.kill('SIGKILL');
  watcher.close();
  await expectToStart();
  await bundle();
  await expectToStart();
});

it(
  'a process says that it uses its bundle, a build of the same sources leaves it alone, and removes what nobody has used for a day',
  TIMEOUT,
  async () => {
    const used = current();
    const hour = join(project, 'hour-passes.cjs');
    writeFileSync(hour, 'globalThis.setInterval = (callback) => (callback(), { unref() {} });');
    forgetUse(used);
    await drillbook(['list'], { cwd: project, main, env: { NODE_OPTIONS: `--require=${hour}` } });
    expect(lastUsed(used)).toBeGreaterThan(TWO_DAYS_AGO.getTime() + 1000);

    const others = readdirSync(bundles).filter((name) => /^[0-9a-f]{16}$/.test(name) && name !== used);
    const [forgotten, young] = others as [string, string];
    forgetUse(forgotten);
    const { ino } = statSync(join(bundles, used));
    await bundle();
    expect([current(), statSync(join(bundles, used)).ino]).toEqual([used, ino]);
    expect([forgotten, young, used].map((name) => existsSync(join(bundles, name)))).toEqual([
      false,
      true,
      true,
    ]);
  },
);

it(
  'the package holds the one bundle that its command starts, and needs nothing else of the build',
  TIMEOUT,
  async () => {
    const elsewhere = temporaryFolder();
    const pack = ['pack', '--silent', '--ignore-scripts', '--pack-destination', elsewhere];
    const { stdout } = await promisify(execFile)('npm', pack, { cwd: project });
    await promisify(execFile)('tar', ['-xzf', stdout.trim()], { cwd: elsewhere });
    const installed = join(elsewhere, 'package');
    const packed = readdirSync(join(installed, 'dist'), { recursive: true, encoding: 'utf8' });
    const built = readdirSync(join(bundles, current())).filter((name) => name !== 'start.cache');
    const forKinds = readdirSync(join(project, 'dist', 'kind'), { recursive: true, encoding: 'utf8' });
    expect(packed.sort()).toEqual(
      [
        ...['bundle', 'bundle/current', `bundle/${current()}`, 'cli', 'cli/main.cjs'],
        ...built.map((name) => `bundle/${current()}/${name}`),
        ...['kind', ...forKinds.map((name) => `kind/${name}`)],
      ].sort(),
    );
    symlinkSync(join(ROOT, 'node_modules'), join(installed, 'node_modules'));
    const options = { cwd: elsewhere, main: join(installed, 'dist', 'cli', 'main.cjs') };
    expect(await drillbook(['check'], options)).toMatchObject({ exitCode: 0 });
  },
);
