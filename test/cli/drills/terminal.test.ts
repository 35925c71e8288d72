// @module-tag needs/python3
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { identityOf } from '../../../engine/base/process-identity.ts';
import type { Event } from '../../../engine/model/event.ts';
import { ofType } from '../../rig/interpreter.ts';
import { drillbook, startDrillbook, temporaryFolder } from '../../rig/drillbook.ts';
import { startOnTerminal } from '../../rig/pseudo-terminal.ts';

const PLAYBOOK = `version: 1
id: page
title: A page while it lasts
summary: For a test.
let: { file: proof.txt }
steps:
  - id: page
    title: Show the maintenance page
    uses: shell
    with:
      script: echo $$ >> pids; touch up; while true; do sleep 1 & wait $!; done
    effect: read
    background:
      ready: { uses: shell, with: { script: test -f up }, that: output.exitCode == 0, every: 50ms, timeout: 20s }
  - id: write
    title: Write the proof
    uses: shell
    with: { script: 'echo proof > "$FILE"; echo "$PWD/$FILE"', env: { FILE: '\${{ vars.file }}' }, stdout: lines }
    effect: read
    confirm: { message: It is written now. }
    attach: ['\${{ output.lines[0] }}', missing.txt]
  - id: people
    title: Tell the people
    uses: manual
    with: { instructions: Call them. }
  - id: go
    title: Wait for the sign
    uses: shell
    with: { script: test -f sign, ok: [0, 1] }
    effect: read
    until: { that: output.exitCode == 0, every: 100ms }
    mark: verified
`;

async function folder(): Promise<string> {
  const cwd = temporaryFolder();
  await mkdir(join(cwd, 'playbooks/environments'), { recursive: true });
  await writeFile(join(cwd, 'playbooks/page.yaml'), PLAYBOOK);
  const environment = 'version: 1\nname: test\nkind: staging\npolicy: { allowScripts: true }\n';
  await writeFile(join(cwd, 'playbooks/environments/test.yaml'), environment);
  return cwd;
}

const pidsIn = async (cwd: string): Promise<readonly number[]> =>
  (await readFile(join(cwd, 'pids'), 'utf8')).trimEnd().split('\n').map(Number);

/** What is dead and not yet buried does not count. */
const isAlive = async (pid: number): Promise<boolean> => (await identityOf(pid)).started !== '';

const eventsOf = (stdout: string): readonly Event[] =>
  stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Event);

it('paints the live screen on a terminal, takes the answers from its keys, and ends well', async () => {
  const cwd = await folder();
  await writeFile(join(cwd, 'sign'), '');
  const run = startOnTerminal(['drill', 'page', '--env', 'test'], { cwd });
  await run.answer(/Go ahead\?|Write the proof\?|It is written now/, 'g');
  await run.answer(/Call them\./, 'd');
  const { terminal } = run;
  expect(await run.finished).toBe(0);
  // The screen moves the cursor and is coloured: what is written to a pipe is neither.
  expect(terminal.coloured).toBe(true);
  expect(terminal.cursorVisible).toBe(true);
  expect(terminal.written).toBeGreaterThan(2 * terminal.text.length);
  for (const title of [
    'Show the maintenance page',
    'Write the proof',
    'Tell the people',
    'Wait for the sign',
  ]) {
    expect(terminal.text).toContain(title);
  }
  expect(await Promise.all((await pidsIn(cwd)).map(isAlive))).toEqual([false]);
  const { stdout } = await drillbook(['report'], { cwd });
  expect(stdout).toMatch(
    /proof\.txt \(6 bytes\) as files\/attachments\/write-proof\.txt\n +SHA-256 [0-9a-f]{64}/,
  );
  expect(stdout).toMatch(/missing\.txt is missing/);
});

it('pauses when its terminal is closed, ends as after Ctrl-C, and can be resumed', async () => {
  const cwd = await folder();
  await writeFile(join(cwd, 'sign'), '');
  const run = startOnTerminal(['drill', 'page', '--env', 'test'], { cwd });
  await run.answer(/Go ahead\?|Write the proof\?|It is written now/, 'g');
  await run.terminal.shows(/Call them\./);
  run.close();
  expect(await run.finished).toBe(130);
  const answers = join(cwd, 'answers.yaml');
  await writeFile(answers, 'people: done\n');
  const resumed = await drillbook(['resume', '--answers', answers, '--json'], { cwd });
  expect(resumed).toMatchObject({ exitCode: 0, stderr: '' });
});

it('after kill -9 ends the orphan before it starts the process again, and leaves none', async () => {
  const cwd = await folder();
  const answers = join(cwd, 'answers.yaml');
  await writeFile(answers, 'write: go\npeople: done\n');
  const args = ['drill', 'page', '--env', 'test', '--answers', answers, '--json'];
  const first = startDrillbook(args, { cwd });
  await first.line(/"step\.activity".*"go"/);
  first.process.kill('SIGKILL');
  await first.finished;
  const [orphan = 0] = await pidsIn(cwd);
  expect(await isAlive(orphan)).toBe(true);
  await writeFile(join(cwd, 'sign'), '');
  const { exitCode, stdout } = await drillbook(['resume', '--json'], { cwd });
  expect(exitCode).toBe(0);
  expect(ofType(eventsOf(stdout), 'background.changed').map(({ state }) => state)).toEqual([
    'restarted',
    'ended',
  ]);
  const pids = await pidsIn(cwd);
  expect(pids).toHaveLength(2);
  expect(await Promise.all(pids.map(isAlive))).toEqual([false, false]);
});

it('shows values of `let` in a plan, as far as they are known', async () => {
  const cwd = await folder();
  const text = PLAYBOOK.replace(
    'proof.txt }',
    "'proof-${{ 1 + 1 }}', later: '${{ steps.write.output.stdout }}' }",
  );
  await writeFile(join(cwd, 'playbooks/page.yaml'), text);
  const { stdout } = await drillbook(['plan', 'page', '--env', 'test', '--json'], { cwd });
  expect(stdout).toContain('FILE=proof-2');
  expect(stdout).not.toContain('‹vars.file›');
});
