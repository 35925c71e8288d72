// @module-tag needs/python3
import { existsSync, mkdirSync, readFileSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { CopiedProject } from '../rig/copied-project.ts';
import { temporaryFolder } from '../rig/drillbook.ts';
import { startOnTerminal } from '../rig/pseudo-terminal.ts';

const TWO_DAYS_AGO = new Date(Date.now() - 48 * 60 * 60 * 1000);

// test/torture/bundles.test.ts goes through what else may happen to a bundle, test/torture/rebuild.test.ts through whole builds.
let project: CopiedProject;
beforeAll(() => {
  project = new CopiedProject();
});
afterAll(() => project.remove());

it('a run at a gate ends with the code it began with, the next start uses the new', async () => {
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
  utimesSync(join(project.bundles, old), TWO_DAYS_AGO, TWO_DAYS_AGO);
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
