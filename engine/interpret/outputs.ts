import type { ValueMap } from '../base/value.ts';
import { valueMap } from '../base/value.ts';
import type { TemplateEntry } from '../model/playbook.ts';
import type { FailureQuestion } from '../model/ports.ts';
import { ask, decided } from './ask.ts';
import type { RunContext } from './context.ts';
import { Aborting } from './control.ts';
import { isControl, toFailure } from './failures.ts';
import type { Frame } from './frame.ts';
import { names } from './names.ts';

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
      choices: ['byHand', 'note', 'pause', 'abort'],
      describe: `Outputs: ${outputs.map(({ key }) => key).join(', ')}`,
      error: { code, message, changed },
      attempt: 1,
      args: {},
    };
    const recorded = run.log.state.steps.get(of.key)?.decision;
    const known = recorded?.answer === 'byHand' || recorded?.answer === 'abort';
    const decision = known ? decided(recorded) : await ask(run, question);
    if (decision?.answer === 'byHand') return decision.values ?? {};
    throw new Aborting(decision?.reason ?? message, decision?.by);
  }
}
