import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { validateAction, validateWorkflow } from '@action-validator/core';
import { expect, it } from 'vitest';
import { parse } from 'yaml';
import { MAIN, temporaryFolder } from '../rig/drillbook.ts';

const ROOT = resolve(import.meta.dirname, '..', '..');
const read = (...path: readonly string[]): string => readFileSync(join(ROOT, ...path), 'utf8');

interface Step {
  readonly name?: string;
  readonly run?: string;
}

const { runs } = parse(read('action.yml')) as { readonly runs: { readonly steps: readonly Step[] } };

const FILES: Readonly<Record<string, string>> = {
  'playbooks/lamp.yaml': `version: 1
id: lamp
title: The lamp is out
summary: For a test.
steps:
  - id: shines
    uses: shell
    with: { script: 'exit 0' }
    effect: read
    mark: verified
rehearsals:
  out: { title: Nobody switched it on, fault: none, answers: {} }
`,
  'playbooks/worlds/house.yaml': `version: 1
name: house
title: A house
parts:
  clock: { uses: process, with: { command: [sh, -c, 'echo ready; exec sleep 600'], ready: { prints: ready } } }
environment: { policy: { allowScripts: true } }
`,
  'playbooks/schedule.yaml': `version: 1
name: house
entries:
  lamp: { playbook: lamp, rule: FREQ=DAILY, from: 2026-01-05, environment: sandbox }
`,
};

interface Job {
  readonly status: number | null;
  readonly printed: string;
  /** What the step wrote into the file of this variable of GitHub's runner. */
  readonly written: (file: 'GITHUB_OUTPUT' | 'GITHUB_STEP_SUMMARY') => string;
}

/** Runs the script of a step of the action as GitHub's runner does, in a folder of such files. */
function runStep(name: string, env: Readonly<Record<string, string>>, files = FILES): Job {
  const cwd = temporaryFolder();
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(join(cwd, path, '..'), { recursive: true });
    writeFileSync(join(cwd, path), text);
  }
  mkdirSync(join(cwd, 'bin'));
  const start = `#!/bin/sh\nexec '${process.execPath}' '${MAIN}' "$@"\n`;
  writeFileSync(join(cwd, 'bin', 'drillbook'), start, { mode: 0o755 });
  const script = runs.steps.find((step) => step.name === name)?.run ?? 'exit 99';
  const { status, stdout, stderr } = spawnSync(
    'bash',
    ['--noprofile', '--norc', '-eo', 'pipefail', '-c', script],
    {
      cwd,
      encoding: 'utf8',
      env: {
        ...process.env,
        ...{ PATH: `${join(cwd, 'bin')}:${process.env['PATH'] ?? ''}` },
        ...{ GITHUB_OUTPUT: join(cwd, 'output'), GITHUB_STEP_SUMMARY: join(cwd, 'summary') },
        ...{ PLAYBOOKS: 'playbooks', DRILLBOOK_STORE: '.drillbook', ...env },
      },
    },
  );
  const fileOf = { GITHUB_OUTPUT: 'output', GITHUB_STEP_SUMMARY: 'summary' } as const;
  return {
    status,
    printed: stdout + stderr,
    written: (file) => readFileSync(join(cwd, fileOf[file]), 'utf8'),
  };
}

it('is an action, and ours are workflows, by the schemas that GitHub’s are held against', () => {
  expect(validateAction(read('action.yml')).errors).toEqual([]);
  expect(validateWorkflow(read('.github/workflows/ci.yml')).errors).toEqual([]);
});

it('checks the playbooks, and says where a mistake is as an annotation', () => {
  expect(runStep('Check', {})).toMatchObject({ status: 0 });
  const wrong = {
    ...FILES,
    'playbooks/lamp.yaml': FILES['playbooks/lamp.yaml']?.replace('uses: shell', 'uses: shel') ?? '',
  };
  const { status, printed } = runStep('Check', {}, wrong);
  expect(status).toBe(2);
  expect(printed).toMatch(/^::error file=playbooks\/lamp\.yaml,line=7,col=\d+/m);
});

it('drills what is named, with its report as the summary of the job', () => {
  const job = runStep('Drill', { DRILL: 'lamp' });
  expect(job.printed).toContain('The lamp is out');
  expect(job.status).toBe(0);
  expect(job.written('GITHUB_OUTPUT')).toBe('drilled=lamp\n');
  expect(job.written('GITHUB_STEP_SUMMARY')).toMatch(/^# .*lamp/m);
});

it('drills what the schedule wants in the sandbox by now', () => {
  const job = runStep('Drill', { DRILL: 'due' });
  expect(job.status).toBe(0);
  expect(job.written('GITHUB_OUTPUT')).toBe('drilled=lamp\n');
});

it('drills nothing where nothing is due', () => {
  const notYet = (FILES['playbooks/schedule.yaml'] ?? '').replace('2026-01-05', '2099-01-05');
  const job = runStep('Drill', { DRILL: 'due' }, { ...FILES, 'playbooks/schedule.yaml': notYet });
  expect(job.status).toBe(0);
  expect(job.written('GITHUB_OUTPUT')).toBe('drilled=\n');
});

it('goes on after a drill that fails, and fails in the end', () => {
  const job = runStep('Drill', { DRILL: 'no-such lamp' });
  expect(job.status).toBe(1);
  expect(job.written('GITHUB_STEP_SUMMARY')).toMatch(/^# .*lamp/m);
});
