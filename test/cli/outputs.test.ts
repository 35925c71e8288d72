import { appendFileSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, it } from 'vitest';
import { drillbook, temporaryFolder } from '../rig/drillbook.ts';
import { OUTPUTS, violations } from '../rig/output-schema.ts';
import { writePastRuns } from '../rig/past-runs.ts';

const FILES = {
  'playbooks/database-corruption.yaml': `version: 1
id: database-corruption
title: Database corruption
summary: For a test.
priority: high
objectives: { rto: { target: 30m, from: detected, to: verified } }
steps:
  - { id: drop, uses: shell, with: { command: [drillbook-of-nobody] }, effect: destructive, expect: 2s }
  - { uses: wait, with: { for: 1s }, mark: verified }
`,
  'playbooks/broken.yaml':
    'version: 1\nid: broken\ntitle: Broken\nsummary: For a test.\nowners: me\nsteps: []\n',
  'playbooks/environments/staging.yaml':
    'version: 1\nname: staging\nkind: staging\nchannels: { ops: { slack: { url: { env: NOBODY_SET_THIS } } } }\n',
  'playbooks/schedule.yaml': `version: 1
name: Drills
entries:
  yearly: { title: Each year, playbook: database-corruption, environment: sandbox, rule: FREQ=YEARLY, from: 2026-01-01, within: 30d, soc2: true }
`,
  'playbooks/monitors.yaml': `version: 1
environment: staging
backups:
  dumps: { title: Dumps, uses: file.list, with: { path: playbooks }, found: "[{'at': now, 'ok': false}]" }
alerts:
  failed: { title: A dump failed, of: dumps, when: { failed: true }, severity: critical, channels: [ops] }
`,
};

/** A folder with a playbook, one with an error, a schedule, an alert, and runs: two that ended, one that was altered. */
async function folder(): Promise<string> {
  const cwd = temporaryFolder();
  for (const [name, text] of Object.entries(FILES)) {
    mkdirSync(dirname(join(cwd, name)), { recursive: true });
    writeFileSync(join(cwd, name), text);
  }
  await writePastRuns(join(cwd, '.drillbook'), [
    { at: '2026-01-05T09:00:00Z', rehearsal: 'wholeDatabase', reason: 'T-1' },
    { at: '2026-02-05T09:00:00Z', mode: 'recover', environment: { name: 'staging', kind: 'staging' } },
    { at: '2026-03-05T09:00:00Z' },
  ]);
  const altered = join(cwd, '.drillbook', 'runs', '20260305-0900-past');
  for (const name of readdirSync(altered).filter((each) => each.endsWith('.jsonl')))
    appendFileSync(join(altered, name), '{"not":"of the chain"}\n');
  return cwd;
}

it.each([
  ['audit', ['audit', '--format', 'json', '--verify', '--head', 'a'.repeat(64)]],
  ['check', ['check', '--format', 'json']],
  ['doctor', ['doctor', '--env', 'staging', '--json']],
  ['findings', ['findings', '--json']],
  ['history', ['history', '--json']],
  ['list', ['list', '--json']],
  ['monitor', ['monitor', '--json']],
  ['plan', ['plan', 'database-corruption', '--env', 'staging', '--probe', '--json']],
  ['report', ['report', '20260105-0900-past', '--format', 'json']],
  ['runs', ['runs', '--json']],
  ['schedule', ['schedule', '--json']],
])('what %s prints for programs is as its schema says', async (name, command) => {
  const cwd = await folder();
  const { stdout, stderr } = await drillbook(command, { cwd });
  expect(stdout, stderr).not.toBe('');
  const printed = JSON.parse(stdout) as unknown;
  expect(printed).toMatchObject({ format: `drillbook-${name}` });
  expect(violations(name)(printed)).toEqual([]);
});

it('each output has its schema, and each schema its output', () => {
  // Proofs restore backups: that theirs is as its schema says is held where they are proven, and those of a store and its workers where there is one. A run is told in others.
  expect(OUTPUTS).toEqual([
    ...['audit', 'check', 'doctor', 'findings', 'history', 'list', 'monitor', 'plan', 'proofs', 'queued'],
    ...['report', 'run', 'runs', 'schedule', 'store', 'workers'],
  ]);
});
