import type { Input } from '../../model/playbook.ts';
import { entries, entry, member, stringOf } from '../syntax/tree.ts';
import type { Tree, TreeEntry } from '../syntax/tree.ts';
import { checkAnswer } from './call.ts';
import { templateAt } from './templates.ts';
import { START, at } from './unit.ts';
import type { Unit } from './unit.ts';

/** The moments that an input offers, each by an expression. */
export function offersOf(name: string, type: Input['type'], tree: Tree, unit: Unit): Pick<Input, 'offers'> {
  const written = checked(name, type, tree, unit);
  if (written.length === 0) return {};
  return {
    offers: written.map(({ key, value }) => ({
      label: key,
      value: templateAt(value, unit, at(START, 'inputs')),
    })),
  };
}

/** The same of the questions of a step that asks, whose expressions are checked with all that it takes. */
export function checkLateOffers(step: Tree, unit: Unit): void {
  if (stringOf(member(step, 'uses')) !== 'ask') return;
  for (const { key, value } of entries(member(member(step, 'with'), 'inputs'))) {
    checked(key, stringOf(member(value, 'type')) ?? 'text', value, unit);
  }
}

function checked(name: string, type: string, question: Tree, unit: Unit): readonly TreeEntry[] {
  const written = entry(question, 'offers');
  if (written === undefined) return [];
  if (type !== 'time') {
    unit.report.error('DB174', written.keySpan, `Only a time offers moments, "${name}" is a ${type}`, {
      hint: 'What a choice can be is said by `options`.',
    });
    return [];
  }
  const offers = entries(written.value);
  for (const { value } of offers) checkAnswer(value, { name, type, options: [] }, unit);
  return offers;
}
