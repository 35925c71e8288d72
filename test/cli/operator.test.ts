import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { drillbook, temporaryFolder } from '../rig/drillbook.ts';

async function place() {
  const cwd = temporaryFolder();
  await mkdir(join(cwd, 'playbooks', 'environments'), { recursive: true });
  await writeFile(
    join(cwd, 'playbooks', 'environments', 'own.yaml'),
    `version: 1
name: own
kind: staging
people:
  ada: { name: Ada Example, roles: [incidentCommander] }
  ben: {}
`,
  );
  await writeFile(
    join(cwd, 'playbooks', 'note.yaml'),
    'version: 1\nid: note\ntitle: Note\nsummary: For a test.\nsteps: [{ uses: assert }]\n',
  );
  const run = (args: readonly string[], env: NodeJS.ProcessEnv = {}) => drillbook([...args], { cwd, env });
  const performed = async (): Promise<readonly string[]> => {
    const { stdout } = await run(['audit', '--format', 'json']);
    const { operations } = JSON.parse(stdout) as { operations: { by: string; reason?: string }[] };
    return operations.map(({ by, reason }) => `${by}: ${reason ?? ''}`);
  };
  return { run, performed };
}

test('whoever performs is named by the command line, or the variable, and stands in the log', async () => {
  const { run, performed } = await place();
  const args = ['--env', 'own', '--unattended'];
  expect((await run(['recover', 'note', ...args, '--operator', 'ada', '--reason', 'T-1'])).exitCode).toBe(0);
  const drilled = await run(['drill', 'note', ...args, '--reason', 'first Monday'], {
    DRILLBOOK_OPERATOR: 'ben',
  });
  expect(drilled.exitCode).toBe(0);
  expect(await performed()).toEqual(['Ada Example: T-1', 'ben: first Monday']);
  expect((await run(['report'])).stdout).toContain('ben');
});

test('nobody else may perform where people are listed: refused with who is known, before anything begins', async () => {
  const { run, performed } = await place();
  const { exitCode, stderr } = await run([
    'recover',
    'note',
    '--env',
    'own',
    '--unattended',
    '--operator',
    'adda',
  ]);
  expect(exitCode).toBe(2);
  expect(stderr).toContain('the environment "own" knows nobody called "adda"');
  expect(stderr).toContain('Did you mean "ada"?');
  expect(stderr).toContain('It lists ada (Ada Example), ben.');
  const unnamed = await run(['recover', 'note', '--env', 'own', '--unattended'], {
    DRILLBOOK_OPERATOR: 'eve',
  });
  expect(unnamed.exitCode).toBe(2);
  expect(await performed()).toEqual([]);
});
