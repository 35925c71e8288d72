import { isJsonObject } from '../../base/json.ts';
import type { Playbook, Remind } from '../../model/playbook.ts';
import { placedSteps } from '../../model/walk.ts';
import { nearest } from '../../source/nearest.ts';
import { meant } from '../report.ts';
import type { Report } from '../report.ts';
import type { KindSchema } from '../schemas/kind-schema.ts';
import { entries, entry, member, stringOf } from '../syntax/tree.ts';
import type { Tree } from '../syntax/tree.ts';
import { marksIn } from './marks.ts';
import { templateEntries } from './templates.ts';
import { millisOf, optional } from './tree-values.ts';
import type { ExpressionPlace, Unit } from './unit.ts';

/** `remind` of a step: what it tells people is told again. */
export function remindAt(
  step: Tree,
  kind: KindSchema | undefined,
  unit: Unit,
  place: ExpressionPlace,
): Remind {
  const tree = member(step, 'remind');
  const span = entry(step, 'remind')?.keySpan ?? step.span;
  if (kind !== undefined && (!kind.failureIsNoted || kind.effect === 'read')) {
    unit.report.error(
      'DB200',
      span,
      `"remind" repeats what people are told, and "${kind.name}" tells nobody`,
      {
        hint: 'Rounds of other steps are a "repeat", and waiting is an "until".',
      },
    );
  }
  const changed = member(tree, 'with');
  const properties = kind?.with['properties'];
  const known = isJsonObject(properties) ? Object.keys(properties) : undefined;
  for (const { key, keySpan } of entries(changed)) {
    if (known?.includes(key) !== false) continue;
    unit.report.error('DB200', keySpan, `"${kind?.name ?? ''}" knows no "${key}"`, {
      hint: meant(nearest(key, known)),
    });
  }
  return {
    everyMs: millisOf(member(tree, 'every')) ?? Infinity,
    ...optional('until', stringOf(member(tree, 'until'))),
    with: templateEntries(changed, unit, place, kind?.with),
    span: (member(tree, 'until') ?? tree ?? step).span,
  };
}

/** Marks that every recovery has: a called playbook waits for one that its caller sets. */
const OF_EVERY_RECOVERY = ['fenced', 'restored', 'serving', 'verified'];

/** A mark that nobody sets would let people be reminded of what is long over. */
export function checkReminders(playbook: Playbook, report: Report): void {
  const marks = [...OF_EVERY_RECOVERY, ...marksIn(playbook.steps)];
  for (const { node } of placedSteps(playbook)) {
    const { until, span } = (node.type === 'step' ? node.remind : undefined) ?? {};
    if (until === undefined || span === undefined || marks.includes(until)) continue;
    report.error('DB201', span, `No step sets the mark "${until}", so that nothing ends the reminders`, {
      hint: meant(nearest(until, marks)),
    });
  }
}
