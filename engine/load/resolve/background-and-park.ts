import type { WhenLost } from '../../model/failure-rules.ts';
import type { Background } from '../../model/playbook.ts';
import type { KindSchema } from '../schemas/kind-schema.ts';
import { entry, member, stringOf } from '../syntax/tree.ts';
import type { Tree } from '../syntax/tree.ts';
import { booleanOf, maybe, optional } from './tree-values.ts';
import { untilAt } from './conditions.ts';
import { effectSaid } from './effects.ts';
import type { ExpressionPlace, Unit } from './unit.ts';

/** What asks for the end of a step, where a process in the background has none. */
const NEEDS_AN_END = [
  'until',
  'assert',
  'expectFailure',
  'outcomes',
  'record',
  'secretOutput',
  'prove',
  'park',
];

/** `background` of a step: a process that lives until the run ends. */
export function backgroundAt(
  step: Tree,
  kind: KindSchema | undefined,
  unit: Unit,
  place: ExpressionPlace,
): Background {
  const tree = member(step, 'background');
  const span = entry(step, 'background')?.keySpan ?? step.span;
  if (kind?.background === false) {
    unit.report.error('DB067', span, `"${kind.name}" cannot go on in the background`, {
      hint: 'A shell step can, here or on a host.',
    });
  }
  for (const name of NEEDS_AN_END) {
    const other = entry(step, name);
    if (other === undefined) continue;
    unit.report.error(
      'DB067',
      other.keySpan,
      `A process in the background has no result that "${name}" could be about`,
      { hint: 'Put what shows that it works into "ready" of "background".' },
    );
  }
  return {
    ...optional(
      'ready',
      maybe(member(tree, 'ready'), (ready) =>
        untilAt(ready, unit, place, { reads: true, output: undefined }),
      ),
    ),
    whenLost: (stringOf(member(tree, 'whenLost')) ?? 'fail') as WhenLost,
  };
}

/** `park` of a step: other runs may write to the environment while it waits, so that it must not. */
export function parkAt(
  step: Tree,
  kind: KindSchema | undefined,
  unit: Unit,
  place: ExpressionPlace,
): boolean {
  if (booleanOf(member(step, 'park')) !== true) return false;
  const span = entry(step, 'park')?.keySpan ?? step.span;
  const effect = effectSaid(step, kind);
  if (effect === 'write' || effect === 'destructive' || effect === 'unknown') {
    unit.report.error('DB068', span, 'A step that changes something cannot be parked', {
      hint: 'Begin the work in one step, and wait for its end in another one that only reads.',
    });
  }
  if (place.position.lanes !== undefined || (place.position.loops ?? []).length > 0) {
    unit.report.error('DB068', span, 'A step in a loop or in a branch of "parallel" cannot be parked', {
      hint: 'What goes on beside it would write to an environment that other runs may use.',
    });
  }
  return true;
}
