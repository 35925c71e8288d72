import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { serveHttp } from '../../rig/http-server.ts';
import { temporaryFolder } from '../../rig/drillbook.ts';
import { violations } from '../../rig/output-schema.ts';
import { STEADY, WorkDesk, startSharedStore } from '../../rig/work-desk.ts';
import type { SharedStore } from '../../rig/work-desk.ts';

/** The bound of the design: what a dead worker had goes on elsewhere within it. */
const TAKEN_OVER_MS = 10_000;

const TELLING_LAB = `version: 1
name: lab
kind: staging
policy: { allowScripts: true }
channels:
  ops: { webhook: { url: { file: DESK_FOLDER/playbooks/hook } } }
  lead: { webhook: { url: { file: DESK_FOLDER/playbooks/hook } } }
waiting: { tell: [ops], within: 1s, escalate: [lead] }
`;

let store: SharedStore;
const desks: WorkDesk[] = [];

beforeAll(async () => {
  store = await startSharedStore();
});

afterEach(async () => {
  for (const desk of desks.splice(0)) await desk.close();
});

afterAll(() => store.close());

function newDesk(files?: Readonly<Record<string, string>>): WorkDesk {
  const desk = new WorkDesk(store, files);
  desks.push(desk);
  return desk;
}

describe('a run that was asked for', () => {
  it('is known at once, is the same under the same key, and is carried out by a worker', async () => {
    const desk = newDesk();
    const { run, isNew } = await desk.ask('steady', '--key', 'ticket-7');
    expect(isNew).toBe(true);
    expect(await desk.ask('steady', '--key', 'ticket-7')).toMatchObject({ run, isNew: false });
    expect(await desk.standing(run)).toMatchObject({ state: 'paused', waitsFor: 'worker' });
    desk.go();
    const worker = await desk.worker('alba');
    await worker.line(new RegExp(`${run} rests: succeeded`));
    expect(await desk.standing(run)).toMatchObject({ state: 'finished', outcome: 'succeeded' });
    expect(desk.written()).toBe('one\ntwo\n');
    const report = await desk.run('report', run);
    expect(report).toMatchObject({
      exitCode: 0,
      stdout: expect.stringContaining('Write the second line') as string,
    });
  });

  it('is refused where the store is a folder, and by a worker whose files are others', async () => {
    const desk = newDesk();
    const folder = await desk.run('drill', 'steady', '--env', 'lab', '--queue', '--store', temporaryFolder());
    expect(folder).toMatchObject({
      exitCode: 2,
      stderr: expect.stringContaining('workers stand on') as string,
    });
    const { run } = await desk.ask('steady');
    const other = newDesk();
    const worker = await desk.worker('brook', other.folder);
    await worker.line(new RegExp(`${run} rests: it waits for a person: .*steady.yaml is another one`));
    expect(await desk.standing(run)).toMatchObject({ state: 'paused', waitsFor: 'person' });
    expect(desk.written()).toBe('');
  });
});

describe('a worker', () => {
  it('is seen with what it does, and hands it over when it is told to end', async () => {
    const desk = newDesk();
    const { run } = await desk.ask('steady');
    const first = await desk.worker('cedar');
    await first.line(/Wait for the word/);
    const listed = JSON.parse((await desk.run('worker', 'list', '--json')).stdout) as {
      readonly workers: readonly Readonly<Record<string, unknown>>[];
    };
    expect(violations('workers')(listed)).toEqual([]);
    expect(listed.workers.find(({ name }) => name === 'cedar')).toMatchObject({ doing: [run], alive: true });
    const second = await desk.worker('delta');
    first.process.kill('SIGTERM');
    await first.line(/Ending: nothing more is taken/);
    desk.go();
    expect(await first.finished).toMatchObject({ exitCode: 0 });
    await second.line(new RegExp(`${run} rests: succeeded`));
    expect(desk.written()).toBe('one\ntwo\n');
  });

  it.each([
    ['with its machine', true],
    ['alone, while the process of its run lives', false],
  ])(
    'that is killed %s is followed by another one in time, and nothing is lost or doubled',
    async (_, all) => {
      const desk = newDesk();
      const { run } = await desk.ask('steady');
      const first = await desk.worker('elm');
      const carried = await first.line(/is carried out by process/);
      await first.line(/Wait for the word/);
      const second = await desk.worker('fir');
      const killedAt = Date.now();
      first.process.kill('SIGKILL');
      if (all) process.kill(Number(/process (\d+)/.exec(carried)?.[1]), 'SIGKILL');
      else desk.go();
      // The process that lives may have come to the end of the run before it hears that it is alone.
      await second.line(new RegExp(`${run} (?:is carried out|rests)`));
      expect(Date.now() - killedAt).toBeLessThan(TAKEN_OVER_MS);
      desk.go();
      await second.line(new RegExp(`${run} rests: succeeded`));
      expect(desk.written()).toBe('one\ntwo\n');
      expect(await desk.run('audit', '--verify')).toMatchObject({ exitCode: 0 });
    },
  );
});

describe('a run that needs a person', () => {
  it('rests without a process until somebody answers, and goes on from there', async () => {
    const hook = await serveHttp((_, response) => response.end());
    const desk = newDesk({ 'environments/lab.yaml': TELLING_LAB, hook: hook.url });
    const worker = await desk.worker('gorse');
    const { run } = await desk.ask('asking');
    await worker.line(new RegExp(`${run} rests: it waits for a person: Look at the lamps`));
    expect(await desk.standing(run)).toMatchObject({ waitsFor: 'person', asks: 'Look at the lamps' });
    expect((await desk.run('runs')).stdout).toMatch(/waits for you/);
    // At once, and once more when the time is over in which somebody should have answered.
    // Other runs of this store may wait as well.
    const told = (): readonly Record<string, unknown>[] =>
      hook.received
        .filter(({ body }) => body.includes(run))
        .map(({ body }) => JSON.parse(body) as Record<string, unknown>);
    await expect.poll(() => told().length).toBe(2);
    expect(told()).toEqual([
      expect.objectContaining({ severity: 'warning', run: expect.stringContaining(run) as string }),
      expect.objectContaining({
        severity: 'error',
        text: expect.stringContaining('Look at the lamps') as string,
      }),
    ]);
    await desk.say(run, { type: 'answer', by: 'ada', gate: 'look#1', answer: 'done' });
    await worker.line(new RegExp(`${run} rests: succeeded`));
    await hook.close();
  });

  it('goes on as well where somebody resumes it on a machine of their own', async () => {
    const desk = newDesk();
    const worker = await desk.worker('hazel');
    const { run } = await desk.ask('asking');
    await worker.line(new RegExp(`${run} rests: it waits for a person`));
    writeFileSync(join(desk.folder, 'answers.yaml'), 'look: done\n');
    const resumed = await desk.run('resume', run, '--unattended', '--answers', 'answers.yaml');
    expect(resumed).toMatchObject({ exitCode: 0 });
  });
});

describe('what is due', () => {
  it('is asked for once by all workers of its environment', async () => {
    const entry = 'playbook: yearly, environment: lab, rule: FREQ=YEARLY, from: 2026-01-01, within: 30d';
    const desk = newDesk({
      'yearly.yaml': STEADY.replace('id: steady', 'id: yearly'),
      'schedule.yaml': `version: 1\nname: Drills\nentries:\n  yearly: { title: Each year, ${entry} }\n`,
    });
    desk.go();
    const workers = await Promise.all(['iris', 'juniper'].map((name) => desk.worker(name)));
    await Promise.race(workers.map((each) => each.line(/rests: succeeded/)));
    const { stdout } = await desk.run('schedule', '--json');
    expect(stdout).toMatch(/"state": "done"/);
    expect(desk.written()).toBe('one\ntwo\n');
  });
});
