import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  appendFileSync,
  existsSync,
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

// A run that is under way while its bundle is made anew is in test/cli/rebuild.test.ts.

const ROOT = resolve(import.meta.dirname, '..', '..');
const TWO_DAYS_AGO = new Date(Date.now() - 48 * 60 * 60 * 1000);

/** Each test begins with what the one before it built; rebuild.test.ts goes through whole builds. */
let project: CopiedProject;
beforeAll(() => {
  project = new CopiedProject();
});
afterAll(() => project.remove());

const lastUsed = (bundle: string): number => statSync(join(project.bundles, bundle)).mtimeMs;
const forgetUse = (bundle: string): void =>
  utimesSync(join(project.bundles, bundle), TWO_DAYS_AGO, TWO_DAYS_AGO);

it('sources that cannot be read leave the last build as it was', async () => {
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

it('two that bundle at once leave one whole bundle to start from', async () => {
  const before = project.current();
  project.changeSources('StepError', 'ErrorOfStep');
  await Promise.all([project.bundle(), project.bundle()]);
  expect(project.current()).not.toBe(before);
  expect(readdirSync(project.bundles)).not.toContainEqual(expect.stringMatching(/\.\d+$/));
  await project.expectToStart();
});

it('a build that is killed leaves a whole bundle, and the next build is good', async () => {
  project.changeSources('systemClock', 'clockOfSystem');
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

it('a process says that it uses its bundle, a build of the same sources leaves it alone, and removes what nobody has used for a day', async () => {
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

  const others = readdirSync(project.bundles).filter((name) => /^[0-9a-f]{16}$/.test(name) && name !== used);
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
});

it('the package holds the one bundle that its command starts, and needs nothing else of the build', async () => {
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
});
