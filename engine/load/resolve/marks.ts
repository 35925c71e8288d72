import type { Node, Playbook } from '../../model/playbook.ts';
import { nearest } from '../../source/nearest.ts';
import { meant } from '../report.ts';
import type { Report } from '../report.ts';
import { entry, member } from '../syntax/tree.ts';
import type { Tree } from '../syntax/tree.ts';

/** Marks that a run sets itself. */
const OF_THE_RUN = ['occurred', 'detected', 'declared', 'started', 'closed'];

/** Proves that every path which ends well sets the mark at which the clock of the RTO stops. */
export function checkObjective(playbook: Playbook, rto: Tree | undefined, report: Report): void {
  const objective = playbook.objectives.rto;
  if (objective === undefined || rto === undefined) return;
  const place = (name: 'from' | 'to') => member(rto, name)?.span ?? entry(rto, 'target')?.keySpan ?? rto.span;
  const settable = [...marksIn(playbook.steps)];
  for (const name of ['from', 'to'] as const) {
    const mark = objective[name];
    if (OF_THE_RUN.includes(mark)) continue;
    if (!settable.includes(mark)) {
      report.error('DB053', place(name), `No step sets the mark "${mark}"`, {
        hint:
          meant(nearest(mark, [...settable, ...OF_THE_RUN])) ??
          `Write "mark: ${mark}" at the step that reaches it.`,
      });
    } else if (name === 'to') {
      const gap = firstGap(playbook.steps, mark);
      if (gap === undefined) continue;
      report.error('DB053', place('to'), `A run can end well without the mark "${mark}"`, {
        related: gap.span === undefined ? [] : [{ message: gap.text, span: gap.span }],
        hint: 'Set it on every path, for instance at a last step that always runs.',
      });
    }
  }
}

/** Marks that steps set, those of called playbooks too. */
export function* marksIn(nodes: readonly Node[]): Generator<string> {
  for (const node of nodes) {
    if (node.type === 'phase' || node.type === 'forEach' || node.type === 'repeat') {
      yield* marksIn(node.steps);
      if (node.type === 'forEach') yield* node.whole?.mark ?? [];
    } else if (node.type === 'step') yield* node.mark;
    else if (node.type === 'call') yield* marksIn(node.playbook.steps);
    else for (const branch of node.branches) yield* marksIn(branch.steps);
  }
}

interface Gap {
  readonly text: string;
  readonly span: Node['span'] | undefined;
}

/** Undefined when all paths through the nodes set the mark; else where one does not. */
function firstGap(nodes: readonly Node[], mark: string): Gap | undefined {
  let gap: Gap | undefined;
  for (const node of nodes) {
    const found = gapOf(node, mark);
    if (found === undefined) return undefined;
    if (found.span !== undefined) gap ??= found;
  }
  return gap ?? { text: '', span: undefined };
}

function gapOf(node: Node, mark: string): Gap | undefined {
  if (![...marksIn([node])].includes(mark)) return { text: '', span: undefined };
  if (node.when !== undefined) {
    return { text: 'here it is set only when a condition holds', span: node.when.span };
  }
  switch (node.type) {
    case 'phase':
    case 'repeat':
      return firstGap(node.steps, mark);
    case 'forEach': {
      const failing = mayFail(node.whole?.onFailure, node.span);
      if (failing !== undefined || node.whole?.mark.includes(mark) === true) return failing;
      return node.tolerate > 0
        ? { text: 'an item may fail, and the run goes on without it', span: node.span }
        : firstGap(node.steps, mark);
    }
    case 'parallel': {
      // All branches run: one that always sets it is enough.
      const gaps = node.branches.map(({ steps, when }) =>
        when === undefined
          ? firstGap(steps, mark)
          : { text: 'here it is set only when a condition holds', span: when.span },
      );
      return gaps.includes(undefined) ? undefined : gaps.find((gap) => gap?.span !== undefined);
    }
    case 'call':
      return mayFail(node.onFailure) ?? firstGap(node.playbook.steps, mark);
    case 'step':
      return mayFail(node.onFailure, node.span);
    case 'choose': {
      for (const { name, steps, span } of node.branches) {
        const gap = firstGap(steps, mark);
        if (gap === undefined) continue;
        return gap.span === undefined ? { text: `the branch "${name}" does not set it`, span } : gap;
      }
      return undefined;
    }
  }

  function mayFail(rule: { readonly do: string } | undefined, span = node.span): Gap | undefined {
    return rule?.do === 'continue' || rule?.do === 'skip'
      ? { text: 'this step may fail, and the run goes on without it', span }
      : undefined;
  }
}
