import { Duration } from '../../base/duration.ts';
import { Instant } from '../../base/instant.ts';
import { hasTemplate } from '../../expression/template.ts';
import type { Call, Input, Playbook } from '../../model/playbook.ts';
import type { Span } from '../../source/file.ts';
import { nearest } from '../../source/nearest.ts';
import { meant } from '../report.ts';
import { entries, entry, member, stringOf } from '../syntax/tree.ts';
import type { Tree } from '../syntax/tree.ts';
import { bare } from './bare.ts';
import { argumentsAt } from './kinds.ts';
import { templateEntries } from './templates.ts';
import type { ExpressionPlace, Unit } from './unit.ts';

type Base = Omit<Call, 'type' | 'playbook' | 'inputs'>;

/** `uses: playbook`. What it calls has been loaded before; its inputs are held against what it asks for. */
export function resolveCall(tree: Tree, base: Base, unit: Unit, before: ExpressionPlace): Call {
  const args = member(tree, 'with');
  const owner = entry(tree, 'with')?.keySpan ?? base.span;
  const isPart = stringOf(member(tree, 'uses')) === 'part';
  argumentsAt(args, unit.kinds.get(isPart ? 'part' : 'playbook'), owner, unit, before);
  const called = isPart ? partAt(args, unit) : unit.calls.get(stringOf(member(args, 'playbook')) ?? '');
  const inputs = member(args, 'inputs');
  if (called !== undefined) checkInputs(inputs, called, entry(args, 'inputs')?.keySpan ?? owner, unit);
  return {
    ...base,
    type: 'call',
    // One that could not be loaded has been told of, and the rest is still checked.
    playbook: called ?? bare(unit.file),
    inputs: templateEntries(inputs, unit, before),
  };
}

function partAt(args: Tree | undefined, unit: Unit): Playbook | undefined {
  const part = member(args, 'part');
  const name = stringOf(part);
  if (part === undefined || name === undefined) return undefined;
  if (!unit.partNames.includes(name)) {
    unit.report.error('DB063', part.span, `There is no part "${name}"`, {
      hint: meant(nearest(name, unit.partNames)),
    });
    return undefined;
  }
  return unit.part(name, part.span);
}

function checkInputs(tree: Tree | undefined, called: Playbook, owner: Span, unit: Unit): void {
  const names = called.inputs.map(({ name }) => name);
  for (const { key, keySpan, value } of entries(tree)) {
    const input = called.inputs.find(({ name }) => name === key);
    if (input === undefined) {
      unit.report.error('DB062', keySpan, `The playbook "${called.id}" has no input "${key}"`, {
        hint: meant(nearest(key, names)),
      });
    } else {
      checkAnswer(value, input, unit);
    }
  }
}

/** A literal answer to an input; one with `${{ }}` is known later. */
export function checkAnswer(
  tree: Tree,
  input: Pick<Input, 'name' | 'type' | 'options'>,
  unit: Pick<Unit, 'report'>,
): void {
  if (tree.type === 'scalar' && typeof tree.value === 'string' && hasTemplate(tree.value)) return;
  const problem = wrongAnswer(tree, input);
  if (problem === undefined) return;
  const values = input.options.map(({ value }) => value);
  unit.report.error(problem.code, tree.span, `The input "${input.name}" takes ${problem.wanted}`, {
    hint: input.type === 'choice' ? meant(nearest(stringOf(tree) ?? '', values)) : problem.hint,
  });
}

interface WrongAnswer {
  readonly code: string;
  readonly wanted: string;
  readonly hint?: string;
}

function wrongAnswer(tree: Tree, input: Pick<Input, 'type' | 'options'>): WrongAnswer | undefined {
  const value = tree.type === 'scalar' ? tree.value : undefined;
  const text = typeof value === 'string' ? value : undefined;
  switch (input.type) {
    case 'text':
    case 'secret':
      return text === undefined ? { code: 'DB021', wanted: 'a text' } : undefined;
    case 'number':
      return typeof value === 'number' || typeof value === 'bigint'
        ? undefined
        : { code: 'DB021', wanted: 'a number' };
    case 'boolean':
      return typeof value === 'boolean' ? undefined : { code: 'DB021', wanted: 'true or false' };
    case 'list':
      return tree.type === 'list' ? undefined : { code: 'DB021', wanted: 'a list' };
    case 'time':
      return text !== undefined && Instant.parse(text) !== undefined
        ? undefined
        : { code: 'DB025', wanted: 'a time with an offset', hint: 'For example 2025-11-01T12:00:00Z.' };
    case 'duration':
      return text !== undefined && Duration.parse(text) !== undefined
        ? undefined
        : { code: 'DB024', wanted: 'a duration', hint: 'For example 30m or 1h30m.' };
    case 'choice': {
      const values = input.options.map((option) => option.value);
      return text !== undefined && values.includes(text)
        ? undefined
        : { code: 'DB023', wanted: `one of ${values.join(', ')}` };
    }
  }
}
