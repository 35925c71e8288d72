import { lossEndsWith } from '../../model/objectives.ts';
import type { RpoObjective } from '../../model/objectives.ts';
import type { Node, Playbook, Step } from '../../model/playbook.ts';
import type { Span } from '../../source/file.ts';
import type { Report } from '../report.ts';
import { marksIn } from './marks.ts';

/**
 * Where something is abandoned, the loss ends when nobody can write to it any more: warns of an RPO
 * for which no step finds that out, and refuses a mark that is set without a look.
 */
export function checkLossEnd(playbook: Playbook, rpoSpan: Span | undefined, report: Report): void {
  const isFenced = [...marksIn(playbook.steps)].includes('fenced');
  const warn = (rpo: RpoObjective | undefined, span: Span | undefined): void => {
    if (rpo === undefined || span === undefined || isFenced || lossEndsWith(rpo) === 'occurred') return;
    report.warning('DB172', span, 'No step finds out where the loss ends: the RPO will be unproven', {
      hint: 'Write "mark: fenced" at a step that asserts that nobody can write any more; or "to: occurred", where nothing that is abandoned goes on taking writes.',
    });
  };
  warn(playbook.objectives.rpo, rpoSpan);
  for (const node of nodesIn(playbook.steps)) {
    if (node.type === 'choose') for (const { rpo, span } of node.branches) warn(rpo, span);
  }
}

/** What is only done, or only said, does not show that it had the effect. */
export function checkFences(playbook: Playbook, report: Report): void {
  for (const node of nodesIn(playbook.steps)) {
    const isClaimed =
      node.type === 'step'
        ? node.mark.includes('fenced') && !looks(node)
        : node.type === 'forEach' && node.whole?.mark.includes('fenced') === true;
    if (!isClaimed) continue;
    const span = node.type === 'step' ? node.usesSpan : node.span;
    report.error(
      'DB173',
      span,
      'This sets the mark "fenced" without a look at whether anybody can still write',
      {
        hint: 'Set it at a step that asserts it: no session is left, or a write that is tried is refused ("expectFailure").',
      },
    );
  }
}

const looks = ({ assert, until, expectFailure }: Step): boolean =>
  assert.length > 0 || until !== undefined || expectFailure !== undefined;

function* nodesIn(nodes: readonly Node[]): Generator<Node> {
  for (const node of nodes) {
    yield node;
    if (node.type === 'phase' || node.type === 'forEach' || node.type === 'repeat')
      yield* nodesIn(node.steps);
    else if (node.type === 'choose' || node.type === 'parallel') {
      for (const { steps } of node.branches) yield* nodesIn(steps);
    }
  }
}
