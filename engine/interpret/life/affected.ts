import type { Node, Playbook } from '../../model/playbook.ts';
import type { Expression } from '../../model/template.ts';
import type { Evaluator } from '../../model/ports.ts';

/** What rests on an answer, told from what expressions ask for. */
export interface Affected {
  readonly steps: readonly StepsAffected[];
  /** Inputs of called playbooks that their callers make of it. */
  readonly inputs: readonly { readonly call: RegExp; readonly name: string }[];
}

interface StepsAffected {
  readonly key: RegExp;
  /** Decides the way of the run, and was decided when it was reached. */
  readonly isFrozen: boolean;
}

/**
 * What in a playbook rests on a name (`inputs.at`, `steps.pick`), directly or by what came of
 * it. Rather too much than too little: a step that mentions another one rests on all that it did.
 */
export function affectedBy(
  playbook: Playbook,
  prefix: string,
  name: string,
  evaluator: Pick<Evaluator, 'namesIn'>,
): Affected {
  return reach(playbook, literally(prefix), new Set([name]), evaluator);
}

function reach(
  playbook: Playbook,
  prefix: string,
  known: ReadonlySet<string>,
  evaluator: Pick<Evaluator, 'namesIn'>,
): Affected {
  const asked = (value: unknown): readonly string[] =>
    expressionsIn(value).flatMap((expression) => evaluator.namesIn(expression));
  const nodes = [...placed([...playbook.steps, ...playbook.always], prefix)];
  const names = restingOn(known, [
    ...playbook.let.map(({ key, value }) => ({ name: `vars.${key}`, asks: asked(value) })),
    ...nodes.map(({ node, around }) => ({ name: `steps.${node.id}`, asks: asked([around, node]) })),
  ]);
  const mentions = (value: unknown): boolean => asked(value).some((name) => names.has(name));
  const steps: StepsAffected[] = [];
  const inputs: { call: RegExp; name: string }[] = [];
  for (const { node, around, key } of nodes) {
    if (!names.has(`steps.${node.id}`)) continue;
    if (node.type === 'step' && mentions([around, node])) {
      steps.push({ key: whole(key), isFrozen: false });
    } else if (node.type === 'call') {
      const given = node.inputs.filter(({ value }) => mentions(value)).map((entry) => entry.key);
      const inner = reach(
        node.playbook,
        `${key}/`,
        new Set(given.map((input) => `inputs.${input}`)),
        evaluator,
      );
      steps.push(...inner.steps);
      inputs.push(...given.map((input) => ({ call: whole(key), name: input })), ...inner.inputs);
    } else if (mentions(node)) steps.push({ key: whole(key), isFrozen: true });
  }
  return { steps, inputs };
}

interface Asking {
  readonly name: string;
  /** As the evaluator names it: `inputs.at`, or `inputs` for all of them. */
  readonly asks: readonly string[];
}

/** The names and what asks for them, directly or by others; with each its root, for what asks for all that is in it. */
function restingOn(known: Iterable<string>, all: readonly Asking[]): ReadonlySet<string> {
  const asking = new Map<string, string[]>();
  for (const { name, asks } of all) {
    for (const asked of asks) {
      const before = asking.get(asked);
      if (before === undefined) asking.set(asked, [name]);
      else before.push(name);
    }
  }
  const found = new Set<string>();
  const add = (name: string): unknown => found.add(name).add(name.split('.', 1)[0] ?? name);
  for (const name of known) add(name);
  // A Set goes on with what is added to it meanwhile.
  for (const name of found) asking.get(name)?.forEach(add);
  return found;
}

interface Placed {
  readonly node: Exclude<Node, { type: 'phase' }>;
  /** A pattern of its keys. */
  readonly key: string;
  /** Lists that loops around it go over: their items are names inside. */
  readonly around: readonly unknown[];
}

/** Every node with a pattern of its keys, as the interpreter makes them. */
function* placed(nodes: readonly Node[], prefix: string, around: readonly unknown[] = []): Generator<Placed> {
  for (const node of nodes) {
    if (node.type === 'phase') {
      yield* placed(node.steps, prefix, around);
      continue;
    }
    const key = `${prefix}${literally(node.id)}`;
    yield { node, key, around };
    switch (node.type) {
      case 'choose':
        for (const { steps } of node.branches) yield* placed(steps, prefix, around);
        break;
      case 'parallel':
        for (const { name, steps } of node.branches) {
          yield* placed(steps, `${key}/${literally(name)}/`, around);
        }
        break;
      case 'forEach':
        yield* placed(node.steps, `${key}\\[[^\\]]*\\]/`, [...around, node.in]);
        break;
      case 'repeat':
        yield* placed(node.steps, `${key}#\\d+/`, around);
        break;
      default:
    }
  }
}

/** Members of a node that are nodes of their own, or no expressions. */
const APART = new Set(['steps', 'branches', 'playbook', 'span', 'usesSpan', 'file']);

/** Every expression in it. */
export function expressionsIn(value: unknown): readonly Expression[] {
  if (typeof value !== 'object' || value === null) return [];
  if (isExpression(value)) return [value];
  return Object.entries(value).flatMap(([member, each]) => (APART.has(member) ? [] : expressionsIn(each)));
}

const isExpression = (value: object): value is Expression =>
  'source' in value && typeof value.source === 'string' && 'span' in value;

const literally = (text: string): string => text.replaceAll(/[.*+?^${}()|[\]\\/-]/g, '\\$&');

const whole = (pattern: string): RegExp => new RegExp(`^${pattern}$`);
