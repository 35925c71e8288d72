import { isValueList, isValueMap } from '../../base/value.ts';
import type { Value, ValueMap } from '../../base/value.ts';
import { INPUT_TYPES } from '../../model/playbook.ts';
import type { Input, InputType, Step } from '../../model/playbook.ts';
import type { RunContext } from '../life/context.ts';
import { asMap } from '../life/arguments.ts';
import { shownText } from '../life/text.ts';
import { lateQuestions } from '../people/late-inputs.ts';
import { knownAt } from './place.ts';
import type { Place } from './place.ts';
import { askOnce } from './ask.ts';

/** Asks what a step asks. A secret is not asked for: nothing is done that needs it. */
export async function answerQuestions(
  run: RunContext,
  place: Place,
  step: Step,
  key: string,
): Promise<ValueMap> {
  const forms = asMap(knownAt(run, place).args(step.with).args['inputs'] ?? null);
  const output: Record<string, Value> = {};
  for (const name of lateQuestions(step)) {
    const form = asMap(forms[name] ?? null);
    if (form['type'] === 'secret') continue;
    output[name] = await askOnce(run, {
      scope: key,
      input: inputOf(step, name, form),
      id: step.id,
      ...(step.why !== undefined && { why: step.why }),
    });
  }
  return output;
}

/** What is chosen out of a list that a step makes is written, as nobody knows the list. */
function inputOf({ span }: Step, name: string, form: ValueMap): Input {
  const { type, options, list, prompt } = form;
  const known = optionsOf(options);
  const asked = INPUT_TYPES.find((each) => each === type) ?? 'text';
  const isPick = list !== undefined || (known.length === 0 && asked === 'choice');
  const byOptions: InputType = asked === 'list' ? 'list' : 'choice';
  return {
    name,
    prompt: shownText(prompt ?? name),
    type: isPick ? 'text' : known.length > 0 ? byOptions : asked,
    options: known,
    span,
  };
}

function optionsOf(options: Value | undefined): Input['options'] {
  if (isValueList(options)) {
    return options.map((option) => ({ value: shownText(option), label: shownText(option) }));
  }
  const pairs = isValueMap(options) ? Object.entries(options) : [];
  return pairs.map(([value, label]) => ({ value, label: shownText(label) }));
}
