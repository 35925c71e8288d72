import type { Node, Parallel } from '../../model/playbook.ts';
import type { Span } from '../../source/file.ts';
import type { Unit } from './unit.ts';

interface Rebind {
  readonly path: string;
  readonly branch: string;
  readonly span: Span;
}

/** Which target steps after the join would see must not depend on which branch was faster. */
export function checkRebinds({ branches }: Parallel, unit: Unit): void {
  const earlier: Rebind[] = [];
  for (const branch of branches) {
    const own = rebindsOf(branch.steps).map(([path, span]) => ({ path, branch: branch.name, span }));
    for (const rebind of own) {
      const other = earlier.find(({ path }) => overlap(path, rebind.path));
      if (other === undefined) continue;
      const message = `The branches "${other.branch}" and "${rebind.branch}" both replace ${rebind.path}`;
      unit.report.error('DB069', rebind.span, message, {
        hint: 'Rebind it in a step after the branches are joined.',
        related: [{ message: `"${other.branch}" replaces ${other.path} here`, span: other.span }],
      });
    }
    earlier.push(...own);
  }
}

const overlap = (a: string, b: string): boolean => a === b || a.startsWith(`${b}.`) || b.startsWith(`${a}.`);

function rebindsOf(nodes: readonly Node[]): readonly (readonly [string, Span])[] {
  return nodes.flatMap((node) => {
    switch (node.type) {
      case 'step':
        return node.rebind.map(({ key, value }) => [key, value.span] as const);
      case 'phase':
      case 'forEach':
      case 'repeat':
        return rebindsOf(node.steps);
      case 'choose':
      case 'parallel':
        return node.branches.flatMap(({ steps }) => rebindsOf(steps));
      case 'call':
        // The environment is the caller's.
        return rebindsOf(node.playbook.steps).map(([path]) => [path, node.span] as const);
    }
  });
}
