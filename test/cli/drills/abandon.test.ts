import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { drillbook, startDrillbook, temporaryFolder } from '../../rig/drillbook.ts';
import { processesOf } from '../../sandbox/rig.ts';

const ASKS = `version: 1
id: asks
title: Asks
summary: One question.
steps:
  - { id: look, uses: manual, title: Look at it, with: { instructions: Look. } }
`;
const STAGING = `version: 1
name: desk
kind: staging
`;

/** A folder with a playbook that asks at once: each run of it pauses, as there is no terminal. */
function folder(): string {
  const cwd = temporaryFolder();
  mkdirSync(join(cwd, 'playbooks', 'environments'), { recursive: true });
  writeFileSync(join(cwd, 'playbooks', 'asks.yaml'), ASKS);
  writeFileSync(join(cwd, 'playbooks', 'environments', 'desk.yaml'), STAGING);
  return cwd;
}

const pause = (cwd: string) => drillbook(['recover', 'asks', '--env', 'desk'], { cwd });

async function runsIn(cwd: string): Promise<readonly { readonly run: string; readonly state: string }[]> {
  const { stdout } = await drillbook(['runs', '--json'], { cwd });
  return (JSON.parse(stdout) as { runs: { run: string; state: string }[] }).runs;
}

it('takes a variable that is empty for one that is not set: no store in the folder itself, no nameless operator', async () => {
  const cwd = folder();
  const env = { DRILLBOOK_STORE: '', DRILLBOOK_OPERATOR: '' };
  await drillbook(['recover', 'asks', '--env', 'desk'], { cwd, env });
  expect(readdirSync(cwd)).toEqual(['.drillbook', 'playbooks']);
  expect(await runsIn(cwd)).toMatchObject([
    { state: 'paused', operator: expect.stringMatching(/./) as string },
  ]);
});

describe('drillbook resume, without a name', () => {
  it('lists the runs that can be resumed, where there are several and no terminal', async () => {
    const cwd = folder();
    await pause(cwd);
    await pause(cwd);
    const { exitCode, stderr } = await drillbook(['resume'], { cwd });
    const runs = await runsIn(cwd);
    expect(exitCode).toBe(2);
    expect(stderr).toContain('several runs can be resumed:');
    for (const { run } of runs)
      expect(stderr).toMatch(new RegExp(`${run} +asks +desk +paused +[0-9.a-z]+ ago`));
  });
});

describe('drillbook abandon', () => {
  it('ends a run that nobody will resume, once', async () => {
    const cwd = folder();
    await pause(cwd);
    const [{ run } = { run: '' }] = await runsIn(cwd);
    const args = ['abandon', run, '--reason', 'a typing error'];
    const { exitCode, stdout } = await drillbook(args, { cwd });
    expect(stdout).toContain(`Run ${run} is ended: abandoned: a typing error.`);
    expect(exitCode).toBe(0);
    expect(await runsIn(cwd)).toMatchObject([{ state: 'finished', outcome: 'aborted', resumable: false }]);
    const again = await drillbook(args, { cwd });
    expect(again.exitCode).toBe(2);
    expect(again.stderr).toContain('has ended');
    expect((await drillbook(['audit', '--verify'], { cwd })).exitCode).toBe(0);
  });

  it('does not end one that is under way, which resume tells too; a dead one is ended with its world', async () => {
    const cwd = temporaryFolder();
    const drill = startDrillbook(['drill', 'database-corruption', '--json'], { cwd });
    const world = JSON.parse(await drill.line(/"world\.started"/)) as {
      readonly address: { readonly folder: string };
    };
    const [{ run } = { run: '' }] = await runsIn(cwd);
    const early = await drillbook(['abandon', run], { cwd });
    expect(early.exitCode).toBe(5);
    const resume = await drillbook(['resume'], { cwd });
    expect(resume.stderr).toContain(`one is under way: ${run} (database-corruption, sandbox)`);
    expect(resume.exitCode).toBe(2);

    drill.process.kill('SIGKILL');
    await drill.finished;
    const { exitCode, stderr } = await drillbook(['abandon', run], { cwd });
    expect(stderr).toBe('');
    expect(exitCode).toBe(0);
    expect(await processesOf(world.address.folder)).toEqual([]);
  });
});
