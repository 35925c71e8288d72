import type { Value } from '../base/value.ts';
import type { RunOutcome } from '../model/event.ts';
import { RunContext } from './life/context.ts';
import type { RunOptions } from './life/context.ts';
import { Aborting } from './life/control.ts';
import { Injects } from './rehearsal/injects.ts';
import { pausable } from './run.ts';
import type { RunPausedResult } from './run.ts';
import { askOnce } from './tabletop/ask.ts';
import { knownAt, placeIn } from './tabletop/place.ts';
import type { Place } from './tabletop/place.ts';
import { talkUndos } from './tabletop/undos.ts';
import { talkThrough } from './tabletop/walk.ts';

/**
 * Goes through a playbook with people and clock, and touches nothing: no target is asked, no step is carried out,
 * nothing is undone. People say of each step what they would do, and wherever a value decides the way that
 * nobody can know. Resumed like any run: what the journal knows is not asked again.
 */
export async function tabletop(
  options: RunOptions,
): Promise<{ readonly outcome: RunOutcome } | RunPausedResult> {
  const run = new RunContext(options, () => Promise.reject(new Error('a tabletop carries out no step')));
  const { finished } = run.log.state;
  if (finished !== undefined) return { outcome: finished.outcome };
  return pausable(run, async () => {
    const injects = new Injects(run);
    try {
      const reason = await talk(run, injects);
      await injects.endAll();
      const outcome = reason === undefined ? 'succeeded' : 'aborted';
      await run.log.append({ type: 'run.finished', outcome, ...(reason !== undefined && { reason }) });
      return { outcome };
    } finally {
      await injects.endAll();
    }
  });
}

/** Why it was broken off, if it was. */
async function talk(run: RunContext, injects: Injects): Promise<string | undefined> {
  const { playbook } = run.options;
  const inputs: Record<string, Value> = {};
  const place = placeIn(playbook, '', inputs, []);
  try {
    await injects.begin();
    await answerInputs(run, place, inputs);
    await talkThrough(run, playbook.steps, place);
    await talkUndos(run, place.owed);
    await talkThrough(run, playbook.always, { ...place, prefix: 'always/', phase: 'always/' });
    return undefined;
  } catch (error) {
    if (error instanceof Aborting) return error.message;
    throw error;
  }
}

async function answerInputs(run: RunContext, place: Place, inputs: Record<string, Value>): Promise<void> {
  for (const input of run.options.playbook.inputs) {
    const { name, type } = input;
    if (type === 'secret') {
      place.unknown.add(`inputs.${name}`);
      continue;
    }
    const preset = input.default === undefined ? undefined : knownAt(run, place).value(input.default);
    inputs[name] = await askOnce(run, {
      scope: '',
      input,
      id: name,
      ...(preset !== undefined && { default: preset }),
    });
  }
}
