import type { ValueMap } from '../../base/value.ts';
import { valueMap } from '../../base/value.ts';
import type { TemplateEntry } from '../../model/template.ts';
import type { FailureQuestion } from '../../model/ports.ts';
import { ask, decided } from '../people/ask.ts';
import type { RunContext } from '../life/context.ts';
import { isControl, toFailure } from '../life/failures.ts';
import type { Frame } from '../life/frame.ts';
import { endBy, orGiveUp } from '../people/ask-or-give-up.ts';
import { names } from '../life/names.ts';

/** Answers to this question; the key may be that of another one, which was answered before. */
const ENDING: ReadonlySet<string> = new Set(['byHand', 'giveUp', 'abort']);

/**
 * The outputs of a branch or a called playbook. Where they cannot be evaluated, because a
 * step that they need was skipped, the operator is asked for them.
 */
export async function outputsOf(
  run: RunContext,
  frame: Frame,
  outputs: readonly TemplateEntry[],
  of: { readonly key: string; readonly id: string; readonly title: string },
): Promise<ValueMap> {
  const { evaluator, clock } = run.options;
  try {
    const scope = names(run, frame, clock.now());
    return valueMap(outputs.map(({ key, value }) => [key, evaluator.render(value, scope)] as const));
  } catch (thrown) {
    if (isControl(run, thrown)) throw thrown;
    const { code, message, changed } = toFailure(thrown, 'something');
    const question: FailureQuestion = {
      type: 'failure',
      ...of,
      choices: orGiveUp(frame, ['byHand', 'note', 'pause', 'abort']),
      describe: `Outputs: ${outputs.map(({ key }) => key).join(', ')}`,
      error: { code, message, changed },
      attempt: 1,
      args: {},
    };
    const recorded = run.log.state.steps.get(of.key)?.decision;
    const known = recorded !== undefined && ENDING.has(recorded.answer);
    const decision = known ? decided(recorded) : await ask(run, question);
    if (decision === undefined) throw new Error('a question about outputs cannot be closed');
    if (decision.answer === 'byHand') return decision.values ?? {};
    throw endBy(question, decision);
  }
}
