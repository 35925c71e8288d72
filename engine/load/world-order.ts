import type { PartPlan } from '../model/world.ts';
import { neededBy } from '../model/world.ts';
import type { Report } from './report.ts';
import type { TreeEntry } from './syntax/tree.ts';

/**
 * The parts so that each comes after those that it names or needs, and otherwise as they are written. Reports those that
 * wait for each other: none of them could be the first.
 */
export function inOrder(
  parts: readonly PartPlan[],
  written: readonly TreeEntry[],
  report: Report,
): readonly PartPlan[] {
  const byId = new Map(parts.map((part) => [part.id, part]));
  const spans = new Map(written.map(({ key, keySpan }) => [key, keySpan]));
  const ordered: PartPlan[] = [];
  const done = new Set<string>();
  const visit = (part: PartPlan, above: readonly string[]): void => {
    if (done.has(part.id)) return;
    const begin = above.indexOf(part.id);
    const span = spans.get(part.id);
    if (begin !== -1) {
      const circle = [...above.slice(begin), part.id];
      if (span !== undefined) report.error('DB207', span, message(circle), { hint: hint(circle) });
      return;
    }
    for (const id of neededBy(part)) {
      const needed = byId.get(id);
      if (needed !== undefined) visit(needed, [...above, part.id]);
    }
    if (done.has(part.id)) return;
    done.add(part.id);
    ordered.push(part);
  };
  for (const part of parts) visit(part, []);
  return ordered;
}

const message = (circle: readonly string[]): string =>
  circle.length === 2
    ? `The part "${circle[0] ?? ''}" names itself, and would have to be started before itself`
    : `These parts wait for each other, and none can be the first: ${circle.join(' → ')}`;

const hint = (circle: readonly string[]): string =>
  circle.length === 2
    ? 'The port of the part itself is ${{ port }}.'
    : 'Take the name of one of them out of another.';
