// @module-tag needs/python3
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  statSync,
  symlinkSync,
  utimesSync,
  watch,
  writeFileSync,
} from 'node:fs';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { BUNDLE, CopiedProject } from '../rig/copied-project.ts';
import { drillbook, temporaryFolder } from '../rig/drillbook.ts';
import { startOnTerminal } from '../rig/pseudo-terminal.ts';

const ROOT = resolve(import.meta.dirname, '..', '..');
const TIMEOUT = { timeout: 300_000 };
const TWO_DAYS_AGO = new Date(Date.now() - 48 * 60 * 60 * 1000);

/** Each test begins with what the one before it built; test/torture/rebuild.test.ts goes through whole builds. */
let project: CopiedProject;
beforeAll(() => {
  project = new CopiedProject();
});
afterAll(() => project.remove());

const lastUsed = (bundle: string): number => statSync(join(project.bundles, bundle)).mtimeMs;
const forgetUse = (bundle: string): void =>
  utimesSync(join(project.bundles, bundle), TWO_DAYS_AGO, TWO_DAYS_AGO);

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
  const old = project.current();
  forgetUse(old);
  const run = startOnTerminal(['drill', 'gate', '--env', 'test'], { cwd, main: project.main });
  await run.terminal.shows(/It is written now/);

  project.changeSources('StepError', 'ErrorOfStep');
  project.changeSources('systemClock', 'clockOfSystem');
  await project.bundle();
  expect(project.current()).not.toBe(old);

  await run.answer(/It is written now/, 'g');
  expect(await run.finished).toBe(0);
  expect(readFileSync(join(cwd, 'proof.txt'), 'utf8')).toBe('proof\n');
  await project.expectToStart();
  expect(existsSync(join(project.bundles, project.current(), 'start.cache'))).toBe(true);
});

it('sources that cannot be read leave the last build as it was', TIMEOUT, async () => {
  const source = join(project.root, 'engine', 'cli', 'main.cts');
  const good = readFileSync(source, 'utf8');
  const [before, entry] = [project.current(), readFileSync(project.main, 'utf8')];
  appendFileSync(source, 'const wrong = ;\n');
  await expect(project.build()).rejects.toMatchObject({
    stdout: expect.stringMatching(/Expression expected/) as string,
  });
  writeFileSync(source, good);
  expect([project.current(), readFileSync(project.main, 'utf8')]).toEqual([before, entry]);
  await project.expectToStart();
});

it('two that bundle at once leave one whole bundle to start from', TIMEOUT, async () => {
  const before = project.current();
  project.changeSources('ErrorOfStep', 'StepError');
  await Promise.all([project.bundle(), project.bundle()]);
  expect(project.current()).not.toBe(before);
  expect(readdirSync(project.bundles)).not.toContainEqual(expect.stringMatching(/\.\d+$/));
  await project.expectToStart();
});

it('a build that is killed leaves a whole bundle, and the next build is good', TIMEOUT, async () => {
  project.changeSources('clockOfSystem', 'systemClock');
  const watcher = watch(project.bundles);
  const begun = once(watcher, 'change');
  const child = spawn(process.execPath, BUNDLE, { cwd: project.root });
  await begun;
  child.kill('SIGKILL');
  watcher.close();
  await project.expectToStart();
  await project.bundle();
  await project.expectToStart();
});

it(
  'a process says that it uses its bundle, a build of the same sources leaves it alone, and removes what nobody has used for a day',
  TIMEOUT,
  async () => {
    const used = project.current();
    const hour = join(project.root, 'hour-passes.cjs');
    writeFileSync(hour, 'globalThis.setInterval = (callback) => (callback(), { unref() {} });');
    forgetUse(used);
    await drillbook(['list'], {
      cwd: project.root,
      main: project.main,
      env: { NODE_OPTIONS: `--require=${hour}` },
    });
    expect(lastUsed(used)).toBeGreaterThan(TWO_DAYS_AGO.getTime() + 1000);

    const others = readdirSync(project.bundles).filter(
      (name) => /^[0-9a-f]{16}$/.test(name) && name !== used,
    );
    const [forgotten, young] = others as [string, string];
    forgetUse(forgotten);
    const { ino } = statSync(join(project.bundles, used));
    await project.bundle();
    expect([project.current(), statSync(join(project.bundles, used)).ino]).toEqual([used, ino]);
    expect([forgotten, young, used].map((name) => existsSync(join(project.bundles, name)))).toEqual([
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
    const { stdout } = await promisify(execFile)('npm', pack, { cwd: project.root });
    await promisify(execFile)('tar', ['-xzf', stdout.trim()], { cwd: elsewhere });
    const installed = join(elsewhere, 'package');
    const packed = readdirSync(join(installed, 'dist'), { recursive: true, encoding: 'utf8' });
    const built = readdirSync(join(project.bundles, project.current())).filter(
      (name) => name !== 'start.cache',
    );
    const forKinds = readdirSync(join(project.root, 'dist', 'kind'), { recursive: true, encoding: 'utf8' });
    expect(packed.sort()).toEqual(
      [
        ...['bundle', 'bundle/current', `bundle/${project.current()}`, 'cli', 'cli/main.cjs'],
        ...built.map((name) => `bundle/${project.current()}/${name}`),
        ...['kind', ...forKinds.map((name) => `kind/${name}`)],
      ].sort(),
    );
    symlinkSync(join(ROOT, 'node_modules'), join(installed, 'node_modules'));
    const options = { cwd: elsewhere, main: join(installed, 'dist', 'cli', 'main.cjs') };
    expect(await drillbook(['check'], options)).toMatchObject({ exitCode: 0 });
  },
);
