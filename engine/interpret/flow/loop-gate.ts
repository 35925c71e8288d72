import type { Effect, Step } from '../../model/playbook.ts';
import type { GateQuestion } from '../../model/ports.ts';
import { allowed, decided } from '../people/ask.ts';
import type { RunContext } from '../life/context.ts';
import { Aborting, LeaveBranch, NextRound } from '../life/control.ts';
import { askOrCorrect } from '../people/correct.ts';
import { orAgain } from './evaluate-or-ask.ts';
import { asMap } from '../life/arguments.ts';
import { effectOf } from '../life/effect.ts';
import { namesOfItem } from './items.ts';
import type { Item, Loop } from './items.ts';
import { names } from '../life/names.ts';
import { roleIn } from '../attempt/roles.ts';
import { shownText } from '../life/text.ts';

/** Items that the gate names; of more it says how many. */
const NAMED = 10;

/** One gate before all items of a loop; none where there is nothing to go over. False when it was declined. */
export async function passLoopGate(run: RunContext, loop: Loop, items: readonly Item[]): Promise<boolean> {
  const { node, key } = loop;
  const { confirm } = node;
  if (confirm === undefined || items.length === 0) return true;
  // An item was begun, or all are done: the gate was passed.
  const approval = run.log.state.steps.get(key)?.approval;
  const decision =
    approval === undefined
      ? await askOrCorrect(run, await question(run, loop, items)).catch(orAgain)
      : decided(approval);
  if (decision === 'again') return passLoopGate(run, loop, items);
  if (decision === undefined) throw new Error('a gate cannot be closed');
  const { answer, reason, by } = decision;
  if (answer === 'go') return true;
  const { onDecline } = confirm;
  if (answer === 'abort' || onDecline?.do === 'abort') {
    throw new Aborting(reason ?? `${node.title}: ${answer}`, by);
  }
  if (onDecline?.do === 'branch') throw new LeaveBranch(onDecline.branch);
  if (onDecline?.do === 'next') throw new NextRound(onDecline.repeat);
  return false;
}

async function question(run: RunContext, loop: Loop, items: readonly Item[]): Promise<GateQuestion> {
  const { node, key, frame } = loop;
  const { evaluator, clock } = run.options;
  const { confirm, id, title, why } = node;
  const scope = names(run, frame, clock.now());
  const shown = items.slice(0, NAMED).map((item) => item.key);
  const only = bodyOf(node);
  const more = items.length > NAMED ? [`and ${String(items.length - NAMED)} more`] : [];
  return {
    type: 'gate',
    key,
    id,
    title,
    choices: allowed({ answers: only?.answers ?? [] }, ['go', 'decline', 'note', 'pause', 'abort']),
    ...(why !== undefined && { why }),
    ...(only?.by !== undefined && { by: roleIn(run.environment, only.by) }),
    message: confirm === undefined ? '' : shownText(evaluator.render(confirm.message, scope)),
    describe: `${items.length === 1 ? '1 item' : `${String(items.length)} items`}: ${[...shown, ...more].join(', ')}`,
    effect: only === undefined ? 'unknown' : await worstOf(run, loop, only, items),
    ...(confirm?.type !== undefined && { typed: shownText(evaluator.render(confirm.type, scope)) }),
    targets: [],
    voidsUndo: only?.noReturn ?? false,
  };
}

/** From harmless to whatever it may be. */
const BY_HARM: readonly Effect[] = ['none', 'read', 'write', 'destructive', 'unknown'];

/** What the step does to the world for that item for which it does the most. */
async function worstOf(
  run: RunContext,
  { node, frame }: Loop,
  step: Step,
  items: readonly Item[],
): Promise<Effect> {
  const { evaluator, clock } = run.options;
  const kind = await run.kind(step.uses);
  const effectFor = ({ value }: Item): Effect => {
    const scope = names(run, frame, clock.now(), namesOfItem(node, value));
    try {
      return effectOf(kind, asMap(evaluator.render(step.with, scope)), step.effect).effect;
    } catch {
      // What cannot be worked out yet is told by its own item.
      return step.effect ?? 'unknown';
    }
  };
  let worst: Effect = 'none';
  for (const item of items) {
    const effect = effectFor(item);
    if (BY_HARM.indexOf(effect) > BY_HARM.indexOf(worst)) worst = effect;
    if (worst === BY_HARM.at(-1)) break;
  }
  return worst;
}

/** The step that is done for each item, where it is a single one: what it says of itself goes for the loop. */
function bodyOf({ steps }: Loop['node']): Step | undefined {
  const [only, ...others] = steps;
  return only?.type === 'step' && others.length === 0 ? only : undefined;
}
