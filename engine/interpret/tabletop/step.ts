import { isValueList } from '../../base/value.ts';
import type { ValueMap } from '../../base/value.ts';
import type { StepFinished } from '../../model/event.ts';
import type { StepKind } from '../../model/kind.ts';
import type { Step } from '../../model/playbook.ts';
import type { AnswerName, TabletopQuestion } from '../../model/ports.ts';
import { roleIn } from '../attempt/roles.ts';
import type { RunContext } from '../life/context.ts';
import { Aborting, LeaveBranch, NextRound } from '../life/control.ts';
import { environmentOf } from '../life/names.ts';
import { shownText } from '../life/text.ts';
import { ask, decided } from '../people/ask.ts';
import type { Decision } from '../people/ask.ts';
import { knownEffect } from '../preflight/known-values.ts';
import type { Known } from '../preflight/known-values.ts';
import { nameOf } from '../safety/interlock.ts';
import { whether } from './ask.ts';
import { knownAt, leaveUnknown, owe, setKnown, settle } from './place.ts';
import type { Place } from './place.ts';
import { answerQuestions } from './questions.ts';

const CHOICES: readonly AnswerName[] = ['would', 'otherwise', 'decline', 'note', 'pause', 'abort'];

/** Shows a step and asks what people would do. Its kind is asked what it says of itself, and never to do anything. */
export async function talkStep(run: RunContext, place: Place, step: Step): Promise<void> {
  const key = `${place.prefix}${step.id}`;
  const finished = run.log.state.steps.get(key)?.finished;
  const kind = await run.kind(step.uses);
  if (finished === undefined) run.safePoint();
  const isWanted =
    finished === undefined
      ? step.when === undefined ||
        (await whether(run, place, { key, name: 'when', node: step, condition: step.when }))
      : finished.outcome !== 'skipped';
  if (!isWanted) return finished === undefined ? finish(run, { key, step }, SKIPPED) : undefined;
  if (kind.people === 'ask') {
    setKnown(place, step.id, await answerQuestions(run, place, step, key));
    if (finished === undefined) await finish(run, { key, step }, TALKED);
  } else {
    leaveUnknown(place, step.id);
    const decision = finished === undefined ? await decide(run, place, { step, key, kind }) : undefined;
    if (decision !== undefined) await finish(run, { key, step }, endOf(decision));
  }
  const ended = run.log.state.steps.get(key)?.finished;
  if (ended?.outcome !== 'declined') {
    const paid = kind.debt?.(knownAt(run, place).args(step.with).args);
    settle(place, paid === undefined ? step.settles : [...step.settles, paid]);
    owe(place, key, step);
  }
  goOn(step, ended);
}

type End = Pick<StepFinished, 'outcome' | 'conclusion' | 'reason' | 'by'>;

const SKIPPED: End = { outcome: 'skipped', conclusion: 'ok' };
const TALKED: End = { outcome: 'talkedThrough', conclusion: 'ok' };

const finish = (run: RunContext, { key, step }: { key: string; step: Step }, end: End): Promise<void> =>
  run.log.append({ type: 'step.finished', key, title: step.title, ...end });

interface Talked {
  readonly step: Step;
  readonly key: string;
  readonly kind: StepKind;
}

async function decide(run: RunContext, place: Place, talked: Talked): Promise<Decision> {
  const recorded = run.log.state.steps.get(talked.key)?.decision;
  const decision =
    recorded?.question === 'tabletop' ? decided(recorded) : await ask(run, questionOf(run, place, talked));
  if (decision === undefined) throw new Error('a question at a tabletop cannot be closed');
  const { answer, reason, by } = decision;
  if (answer === 'abort') throw new Aborting(reason ?? `${talked.step.title}: aborted`, by);
  return decision;
}

function endOf({ answer, reason, by }: Decision): End {
  const why = { by, ...(reason !== undefined && { reason }) };
  switch (answer) {
    case 'otherwise':
      return { outcome: 'otherwise', conclusion: 'ok', ...why };
    case 'decline':
      return { outcome: 'declined', conclusion: 'tolerated', ...why };
    default:
      return { ...TALKED, ...why };
  }
}

/** Where the author says what follows, it follows at the table too. */
function goOn({ confirm, next }: Step, finished: StepFinished | undefined): void {
  if (finished?.outcome !== 'declined') {
    if (next !== undefined) throw new NextRound(next);
    return;
  }
  const rule = confirm?.onDecline;
  if (rule?.do === 'branch') throw new LeaveBranch(rule.branch);
  if (rule?.do === 'next') throw new NextRound(rule.repeat);
  if (rule?.do === 'abort') throw new Aborting(finished.reason ?? 'declined', finished.by);
}

function questionOf(run: RunContext, place: Place, { step, key, kind }: Talked): TabletopQuestion {
  const known = knownAt(run, place);
  const { args } = known.args(step.with);
  const message = step.confirm === undefined ? undefined : known.text(step.confirm.message);
  const byHand = known.say(step.with, (given) => kind.byHand?.(given, environmentOf(run, place)));
  const { why, by, expectMs } = step;
  return {
    type: 'tabletop',
    key,
    id: step.id,
    title: step.title,
    choices: CHOICES,
    ...(why !== undefined && { why }),
    describe: describeOf(known, step, kind, args),
    effect: knownEffect(kind, args, step.effect).effect,
    targets: targetsOf(kind, args),
    items: isValueList(args['items']) ? args['items'].map(shownText) : [],
    ...(message !== undefined && { message }),
    ...(expectMs !== undefined && { expectMs }),
    ...(byHand !== undefined && { byHand }),
    ...(by !== undefined && { by: roleIn(environmentOf(run, place), by) }),
  };
}

function describeOf(known: Known, step: Step, kind: StepKind, { instructions }: ValueMap): string {
  if (kind.people !== undefined && typeof instructions === 'string') return instructions;
  const isDiscreet = step.secretOutput.length > 0;
  return known.say(step.with, (given) => kind.describe(given, isDiscreet)) ?? step.title;
}

/** A kind can only name a target that is known; of others the expression stands in what it describes. */
function targetsOf(kind: StepKind, args: ValueMap): readonly string[] {
  try {
    return kind.targets(args).map(nameOf);
  } catch {
    return [];
  }
}
