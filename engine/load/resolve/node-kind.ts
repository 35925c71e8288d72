import { entries, entry, member } from '../syntax/tree.ts';
import type { Tree } from '../syntax/tree.ts';
import type { Unit } from './unit.ts';

/** What an entry of `steps` can be, by the key that says so. A `forEach` may stand beside a `uses`. */
const KINDS = ['phase', 'choose', 'parallel', 'forEach', 'repeat', 'uses'] as const;

export type NodeKind = (typeof KINDS)[number];

const COMMON = ['id', 'title', 'why', 'by', 'when', 'links'];

/** What may stand beside them; a step has a schema of its own. */
const BESIDE: Readonly<Record<NodeKind, readonly string[] | undefined>> = {
  phase: ['when', 'steps'],
  choose: COMMON,
  parallel: COMMON,
  forEach: [...COMMON, 'steps', 'confirm'],
  repeat: COMMON,
  uses: undefined,
};

const OWNERS: Readonly<Record<NodeKind, string>> = {
  phase: 'a phase',
  choose: 'a choose',
  parallel: 'a parallel',
  forEach: 'a forEach over several steps',
  repeat: 'a repeat',
  uses: 'a step',
};

/** What an entry of `steps` is; undefined, and reported, when it is nothing. */
export function kindOfNode(node: Tree, unit: Unit): NodeKind | undefined {
  const found = KINDS.filter((kind) => member(node, kind) !== undefined);
  const [kind, second] = found;
  if (kind === undefined) {
    const known = KINDS.slice(0, -1).map((name) => `"${name}"`);
    unit.report.error('DB027', node.span, `This is no step: it has neither "uses" nor ${known.join(', ')}`);
    return undefined;
  }
  const isStepInLoop = kind === 'forEach' && second === 'uses';
  if (second !== undefined && !isStepInLoop) {
    const span = entry(node, second)?.keySpan ?? node.span;
    unit.report.error('DB027', span, `"${kind}" and "${second}" do not go together`, {
      related: [{ message: `"${kind}" is here`, span: entry(node, kind)?.keySpan ?? node.span }],
    });
  }
  checkBeside(node, isStepInLoop ? 'uses' : kind, unit);
  return kind;
}

function checkBeside(node: Tree, kind: NodeKind, unit: Unit): void {
  const allowed = BESIDE[kind];
  for (const { key, keySpan } of entries(node)) {
    if ((KINDS as readonly string[]).includes(key)) continue;
    if (allowed === undefined ? key === 'steps' : STEP_KEYS.has(key) && !allowed.includes(key)) {
      unit.report.error('DB028', keySpan, `"${key}" does not belong to ${OWNERS[kind]}`, {
        hint: allowed === undefined ? undefined : `Beside "${kind}" may stand ${allowed.join(', ')}.`,
      });
    }
  }
}

/** Known keys of nodes; others are unknown altogether, which the schema has said. */
const STEP_KEYS = new Set([
  ...['id', 'title', 'why', 'by', 'when', 'links', 'steps', 'with', 'confirm', 'guard', 'require', 'until'],
  ...['assert', 'expectFailure', 'outcomes', 'record', 'mark', 'rebind', 'expect', 'timeout', 'retry'],
  ...['onFailure', 'undo', 'next', 'noReturn', 'settles', 'answers', 'prove', 'touches', 'effect'],
  ...['idempotent', 'secretOutput', 'background', 'park', 'attach'],
]);
