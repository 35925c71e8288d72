import { decodeValue, encodeValue } from '../../base/value.ts';
import type { Value } from '../../base/value.ts';
import type { Input } from '../../model/playbook.ts';
import type { InputQuestion } from '../../model/ports.ts';
import type { Span } from '../../source/file.ts';
import type { Expression } from '../../model/template.ts';
import type { RunContext } from '../life/context.ts';
import { askValue } from '../people/inputs.ts';
import { knownAt } from './place.ts';
import type { Place } from './place.ts';

/** What people are asked beside the steps, where a value decides the way that nobody can know. */
export interface Wanted {
  readonly scope: string;
  readonly input: Input;
  readonly id: string;
  readonly why?: string;
  readonly default?: Value;
}

/** The answer, once; the journal knows it from then on. */
export async function askOnce(
  run: RunContext,
  { scope, input, id, why, default: preset }: Wanted,
): Promise<Value> {
  const { name, prompt, type } = input;
  const recorded = run.log.state.inputs.get(`${scope}/${name}`);
  if (recorded !== undefined) return decodeValue(recorded);
  const question: InputQuestion = {
    type: 'input',
    key: scope === '' ? `input/${name}` : `${scope}/${name}`,
    id,
    title: prompt,
    choices: ['value', 'note', 'pause', 'abort'],
    ...(why !== undefined && { why }),
    input,
    ...(preset !== undefined && { default: preset }),
    // A check may ask for what nobody knows at a table: what people say counts.
    check: (value) =>
      type === 'choice' && !input.options.some((option) => option.value === value)
        ? 'is not one of the choices'
        : undefined,
  };
  return askValue(run, question, (value, by) => [
    { type: 'input.answered', scope, name, value: encodeValue(value), by },
  ]);
}

/** Whether a condition holds: where that cannot be known, people say it. */
export async function whether(
  run: RunContext,
  place: Place,
  of: {
    readonly key: string;
    readonly name: 'when' | 'accept';
    readonly node: { readonly id: string; readonly title: string; readonly span: Span };
    readonly condition: Expression;
  },
): Promise<boolean> {
  const { key, name, node, condition } = of;
  const known = knownAt(run, place).test(condition);
  if (known !== 'maybe') return known === 'yes';
  const prompt = `${node.title}: would this hold? ${condition.source.trim()}`;
  const input: Input = { name, prompt, type: 'boolean', options: [], span: node.span };
  return (await askOnce(run, { scope: key, input, id: node.id })) === true;
}
