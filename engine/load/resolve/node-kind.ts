import { schemaAt } from '../schemas/shape.ts';
import { fileSchema } from '../stepschema.ts';
import type { KindSchema } from '../schemas/kind-schema.ts';
import { entries, entry, member, stringOf } from '../syntax/tree.ts';
import type { Tree } from '../syntax/tree.ts';
import type { Unit } from './unit.ts';

/** What an entry of `steps` can be, by the key that says so. A `forEach` may stand beside a `uses`. */
const KINDS = ['phase', 'choose', 'parallel', 'forEach', 'repeat', 'uses'] as const;

export type NodeKind = (typeof KINDS)[number];

const COMMON = ['id', 'title', 'why', 'by', 'when', 'links'];

/** What may stand beside them; a step is held against its kind. */
const BESIDE: Readonly<Record<NodeKind | 'call', readonly string[] | undefined>> = {
  phase: ['when', 'steps'],
  choose: COMMON,
  parallel: COMMON,
  forEach: [...COMMON, 'steps', 'confirm', 'mark', 'settles', 'undo', 'timeout', 'onFailure'],
  repeat: COMMON,
  call: [...COMMON, 'uses', 'with', 'undo', 'onFailure'],
  uses: undefined,
};

const OWNERS: Readonly<Record<NodeKind | 'call', string>> = {
  phase: 'a phase',
  choose: 'a choose',
  parallel: 'a parallel',
  forEach: 'a forEach over several steps',
  repeat: 'a repeat',
  call: 'a call of a playbook or a part',
  uses: 'a step',
};

const INSIDE = 'Say it at the steps inside.';

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
  checkBeside(node, ownerOf(node, isStepInLoop ? 'uses' : kind), unit);
  return kind;
}

const ownerOf = (node: Tree, kind: NodeKind): NodeKind | 'call' =>
  kind === 'uses' && isCall(stringOf(member(node, 'uses'))) ? 'call' : kind;

export const isCall = (uses: string | undefined): boolean => uses === 'playbook' || uses === 'part';

function checkBeside(node: Tree, owner: NodeKind | 'call', unit: Unit): void {
  const allowed = BESIDE[owner];
  for (const { key, keySpan } of entries(node)) {
    if ((KINDS as readonly string[]).includes(key)) continue;
    if (allowed === undefined ? key === 'steps' : isKeyOfNode(key) && !allowed.includes(key)) {
      unit.report.error('DB028', keySpan, `"${key}" does not belong to ${OWNERS[owner]}`, {
        hint: allowed === undefined ? undefined : `${INSIDE} Here may stand ${allowed.join(', ')}.`,
      });
    }
  }
  const each = entry(member(node, 'confirm'), 'each');
  if (each === undefined || (owner === 'uses' && member(node, 'forEach') !== undefined)) return;
  unit.report.error('DB028', each.keySpan, `"each" does not belong to ${OWNERS[owner]}`, {
    hint: owner === 'forEach' ? 'Ask at the first step inside.' : 'It is about the items of a loop.',
  });
}

/** Keys that the schema knows; of others it has said that they are unknown altogether. */
const isKeyOfNode = (key: string): boolean =>
  schemaAt(fileSchema('playbook').schema, `/steps/0/${key}`) !== undefined;

/** What has no meaning beside a step that its kind does not do by itself. */
const OF_A_KIND = ['touches', 'effect', 'idempotent', 'secretOutput', 'prove', 'background', 'remind'];

/** Keys that a step of this kind would accept without heeding them. */
export function checkKeysOfKind(node: Tree, kind: KindSchema, unit: Unit): void {
  const refused = new Map<string, string>();
  const refuse = (keys: readonly string[], hint: string): void =>
    keys.forEach((key) => refused.set(key, hint));
  if (kind.effect !== 'unknown') {
    refuse(['effect'], `What it does is known: ${kind.effect}.`);
    refuse(['touches'], 'What it touches is known by its arguments.');
  }
  if (kind.effect === 'read' || kind.effect === 'none')
    refuse(['idempotent'], 'It may be done again anyway.');
  if (kind.doneBy === 'people')
    refuse(OF_A_KIND, 'A person does it. What is secret is asked for with type: secret.');
  if (kind.doneBy === 'run')
    refuse([...OF_A_KIND, 'until', 'timeout', 'park'], 'Say it at the steps that pay the debt.');
  const effect = stringOf(member(node, 'effect')) ?? kind.effect;
  if (effect === 'write' || effect === 'destructive') {
    refuse(['prove'], 'Only a check that reads can be run in the broken world.');
  }
  for (const { key, keySpan } of entries(node)) {
    const hint = refused.get(key);
    if (hint === undefined) continue;
    unit.report.error('DB028', keySpan, `"${key}" does not belong to a step of the kind ${kind.name}`, {
      hint,
    });
  }
}
