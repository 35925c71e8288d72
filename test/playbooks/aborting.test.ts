import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Event } from '../../engine/model/event.ts';
import { drillbook, temporaryFolder } from '../rig/drillbook.ts';
import { Dice } from '../rig/mutation.ts';
import { SEED } from '../rig/seed.ts';
import { shippedRehearsals } from '../rig/shipped.ts';
import { processesOf } from '../sandbox/rig.ts';

/**
 * Whoever aborts a drill, at whatever question, gets a run that has ended, and a machine on which nothing of it
 * is left. What cannot be taken back (a service that Render holds down, an application whose database is broken)
 * is asked about, and left: that is no answer that could be given beforehand. By default at one question each of
 * a few rehearsals, drawn by a seed (DRILLBOOK_SEED repeats a draw); with
 * ABORT_AT=all at each question of each rehearsal that is shipped, which takes about an hour.
 */
const AT_ALL = process.env['ABORT_AT'] === 'all';
const DRAWN = 4;
const TIMEOUT_MS = AT_ALL ? 3_600_000 : 600_000;

const rehearsals = shippedRehearsals('.', 'procedures', 'checklists');

/** The same number for the same seed and place. */
const drawn = (place: number, below: number): number => new Dice(SEED, place).below(below);

const chosen = AT_ALL
  ? rehearsals
  : Array.from({ length: DRAWN }, (_, place) => rehearsals[drawn(place, rehearsals.length)]).filter(
      (each) => each !== undefined,
    );

const eventsOf = (stdout: string): readonly Event[] =>
  stdout
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line) as Event);

/** Keys of the questions that an abort can answer, in the order in which a whole drill asks them. */
async function questionsOf(playbook: string, rehearsal: string): Promise<readonly string[]> {
  const args = ['drill', playbook, '--json', '--rehearsal', rehearsal];
  const { stdout, stderr } = await drillbook(args, { cwd: temporaryFolder() });
  const events = eventsOf(stdout);
  expect(events.at(-1), stderr).toMatchObject({ type: 'run.finished' });
  const keys = events.flatMap((event) => {
    if (event.type !== 'gate.opened') return [];
    const { type, choices } = event.question as { readonly type: string; readonly choices: string[] };
    return choices.includes('abort') && type !== 'input' ? [event.key] : [];
  });
  return [...new Set(keys)];
}

describe(`a drill that is aborted (seed ${SEED})`, () => {
  test.for(chosen)('%s, %s: has ended, and nothing of it is left', { timeout: TIMEOUT_MS }, async ([
    playbook,
    rehearsal,
  ], { task }) => {
    const questions = await questionsOf(playbook, rehearsal);
    const picked = AT_ALL ? questions : questions.slice(drawn(7, questions.length)).slice(0, 1);
    for (const key of picked) {
      const cwd = temporaryFolder();
      const answers = { [key]: { answer: 'abort', reason: 'the wrong playbook' } };
      writeFileSync(join(cwd, 'answers.json'), JSON.stringify(answers));
      const args = ['drill', playbook, '--json', '--rehearsal', rehearsal, '--answers', 'answers.json'];
      const at = `${task.name}, aborted at ${key}`;
      const { exitCode, events } = await leavingWhatCannotBeUndone(args, cwd, at);
      // Whoever aborts an undo at the end of a run aborts no run: it has failed.
      const outcome = key.includes('!undo') ? 'failed' : 'aborted';
      expect(events.at(-1), at).toMatchObject({ type: 'run.finished', outcome });
      expect(exitCode, at).toBe(3);
      const folder = worldFolder(events);
      expect(await processesOf(folder), at).toEqual([]);
      expect(existsSync(folder), at).toBe(false);
    }
  });
});

/** A drill that stops because an undo has failed is resumed, and the undo left, until the run has ended. */
async function leavingWhatCannotBeUndone(
  drill: readonly string[],
  cwd: string,
  at: string,
): Promise<{ readonly exitCode: number | null; readonly events: readonly Event[] }> {
  const events: Event[] = [];
  let args = drill;
  for (;;) {
    const { exitCode, stdout, stderr } = await drillbook(args, { cwd });
    expect(stderr, at).not.toMatch(/\n {4}at /);
    events.push(...eventsOf(stdout));
    const asked = events.findLast((event) => event.type === 'gate.opened');
    const isStopped = events.at(-1)?.type === 'run.paused';
    if (!isStopped || asked?.type !== 'gate.opened' || !asked.key.includes('!undo')) return { exitCode, events };
    expect(asked.question, at).toMatchObject({ type: 'failure' });
    const left = { [`onFailure/${asked.key}`]: { answer: 'skip', reason: 'it cannot be taken back now' } };
    writeFileSync(join(cwd, 'left.json'), JSON.stringify(left));
    args = ['resume', '--json', '--answers', 'left.json'];
  }
}

function worldFolder(events: readonly Event[]): string {
  const started = events.find((event) => event.type === 'world.started');
  return (started?.address as { readonly folder: string }).folder;
}
