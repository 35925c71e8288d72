import { unreachable } from '../../base/unreachable.ts';
import type { Value } from '../../base/value.ts';
import type { ScopeEntered } from '../../model/event.ts';
import type { Call, ForEach, Node, Parallel, Phase, Repeat } from '../../model/playbook.ts';
import type { Expression } from '../../model/template.ts';
import type { RunContext } from '../life/context.ts';
import { NextRound } from '../life/control.ts';
import { askOnce, whether } from './ask.ts';
import { talkChoose } from './choose.ts';
import { knownAt, leaveAllUnknown, leaveUnknown, owe, placeIn } from './place.ts';
import type { Place } from './place.ts';
import { talkStep } from './step.ts';

/** Talks through steps in order, with the keys that they have in any run: so injects come after their steps here too. */
export async function talkThrough(run: RunContext, nodes: readonly Node[], place: Place): Promise<void> {
  for (const node of nodes) {
    switch (node.type) {
      case 'phase':
        await talkPhase(run, place, node);
        break;
      case 'step':
        await talkStep(run, place, node);
        break;
      case 'call':
        await talkCall(run, place, node);
        break;
      case 'choose':
        await talkChoose(run, place, node, talkThrough);
        break;
      case 'parallel':
        await talkParallel(run, place, node);
        break;
      case 'forEach':
        await talkForEach(run, place, node);
        break;
      case 'repeat':
        await talkRepeat(run, place, node);
        break;
      default:
        unreachable(node);
    }
    if (node.type !== 'phase') await run.stepEnded(`${place.prefix}${node.id}`);
  }
}

interface Block {
  readonly key: string;
  readonly kind: ScopeEntered['kind'];
  readonly title: string;
  readonly playbook?: string;
  readonly node: Parameters<typeof whether>[2]['node'];
  readonly when?: Expression | undefined;
}

/** What holds steps is entered where it is wanted, and left when all of it was talked through. */
export async function within(
  run: RunContext,
  place: Place,
  block: Block,
  talk: () => Promise<void>,
): Promise<void> {
  const { log } = run;
  const { key, kind, title, playbook, node, when } = block;
  if (log.state.left.get(key)?.outcome === 'skipped') return;
  if (!log.state.entered.has(key)) {
    run.safePoint();
    if (when !== undefined && !(await whether(run, place, { key, name: 'when', node, condition: when }))) {
      return log.append({ type: 'scope.left', key, outcome: 'skipped' });
    }
    await log.append({
      type: 'scope.entered',
      key,
      kind,
      title,
      ...(playbook !== undefined && { playbook }),
    });
  }
  await talk();
  if (!log.state.left.has(key)) await log.append({ type: 'scope.left', key, outcome: 'done' });
}

function talkPhase(run: RunContext, place: Place, phase: Phase): Promise<void> {
  const { title, when } = phase;
  const key = `${place.phase}${phase.id}`;
  return within(run, place, { key, kind: 'phase', title, node: phase, when }, () =>
    talkThrough(run, phase.steps, { ...place, phase: `${key}/` }),
  );
}

async function talkCall(run: RunContext, place: Place, call: Call): Promise<void> {
  const { title, when, playbook } = call;
  const key = `${place.prefix}${call.id}`;
  const inputs: Record<string, Value> = {};
  const inside = placeIn(playbook, `${key}/`, inputs, place.owed);
  await within(
    run,
    place,
    { key, kind: 'call', title, playbook: playbook.id, node: call, when },
    async () => {
      await giveInputs(run, place, call, { inside, inputs, key });
      await talkThrough(run, playbook.steps, inside);
      await talkThrough(run, playbook.always, inside);
      owe(place, key, call);
    },
  );
  leaveUnknown(place, call.id);
}

/** What the caller gives and is known; people are asked for what the caller leaves to them. */
async function giveInputs(
  run: RunContext,
  place: Place,
  { inputs: given, playbook }: Call,
  to: { readonly inside: Place; readonly inputs: Record<string, Value>; readonly key: string },
): Promise<void> {
  const { inside, inputs, key } = to;
  for (const input of playbook.inputs) {
    const { name, type } = input;
    const entry = given.find((each) => each.key === name);
    const [template, from] = entry === undefined ? [input.default, inside] : [entry.value, place];
    const value = template === undefined ? undefined : knownAt(run, from).value(template);
    if (value !== undefined) inputs[name] = value;
    else if (entry === undefined && type !== 'secret') {
      inputs[name] = await askOnce(run, { scope: key, input, id: name });
    } else inside.unknown.add(`inputs.${name}`);
  }
}

/** One branch after the other: at a table one thing is talked about at a time. */
function talkParallel(run: RunContext, place: Place, parallel: Parallel): Promise<void> {
  const { title, when } = parallel;
  const key = `${place.prefix}${parallel.id}`;
  return within(run, place, { key, kind: 'parallel', title, node: parallel, when }, async () => {
    for (const branch of parallel.branches) {
      const lane = `${key}/${branch.name}`;
      const node = { id: branch.name, title: branch.title, span: branch.span };
      await within(
        run,
        place,
        { key: lane, kind: 'lane', title: branch.title, node, when: branch.when },
        () => talkThrough(run, branch.steps, { ...place, prefix: `${lane}/`, phase: `${lane}/` }),
      );
    }
    leaveUnknown(place, parallel.id);
  });
}

/** The steps of a loop are talked through once, for all its items. */
function talkForEach(run: RunContext, place: Place, loop: ForEach): Promise<void> {
  const { id, title, when, steps, as } = loop;
  const key = `${place.prefix}${id}`;
  const items = knownAt(run, place).names(loop.in);
  const each = items === undefined ? 'for each item' : `for each of ${items.join(', ')}`;
  return within(
    run,
    place,
    { key, kind: 'forEach', title: `${title} (${each})`, node: loop, when },
    async () => {
      const unknown = new Set([...place.unknown, ...(as === undefined ? [] : [as])]);
      const one = `${key}[each]/`;
      await talkThrough(run, steps, { ...place, prefix: one, phase: one, unknown });
      const undo = loop.whole?.undo;
      if (undo !== undefined) owe(place, key, { id, title, span: loop.span, undo });
      leaveAllUnknown(place, steps);
      leaveUnknown(place, id);
    },
  );
}

/** Rounds until people say that it would be accepted. */
function talkRepeat(run: RunContext, place: Place, repeat: Repeat): Promise<void> {
  const { id, title, when, steps } = repeat;
  const key = `${place.prefix}${id}`;
  return within(run, place, { key, kind: 'repeat', title, node: repeat, when }, async () => {
    for (let count = 1; !(await talkRound(run, place, repeat, count)); count++);
    leaveAllUnknown(place, steps);
    leaveUnknown(place, id);
  });
}

/** Whether it was the last. */
async function talkRound(run: RunContext, place: Place, repeat: Repeat, count: number): Promise<boolean> {
  const { id, steps, accept } = repeat;
  const key = `${place.prefix}${id}#${String(count)}`;
  const inside = { ...place, prefix: `${key}/`, phase: `${key}/` };
  const isCut = await cutShort(id, () =>
    within(run, place, { key, kind: 'round', title: `Round ${String(count)}`, node: repeat }, () =>
      talkThrough(run, steps, inside),
    ),
  );
  return !isCut && (await whether(run, inside, { key, name: 'accept', node: repeat, condition: accept }));
}

/** Whether a step ended the round, which then was not the last. */
async function cutShort(repeat: string, talk: () => Promise<void>): Promise<boolean> {
  try {
    await talk();
    return false;
  } catch (error) {
    if (error instanceof NextRound && error.repeat === repeat) return true;
    throw error;
  }
}
