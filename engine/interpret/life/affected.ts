import type { Expression, Node, Playbook } from '../../model/playbook.ts';
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
  evaluator: Pick<Evaluator, 'asksFor'>,
): Affected {
  return reach(playbook, literally(prefix), new Set([name]), evaluator);
}

function reach(
  playbook: Playbook,
  prefix: string,
  known: ReadonlySet<string>,
  evaluator: Pick<Evaluator, 'asksFor'>,
): Affected {
  const mentions = (value: unknown, sought: ReadonlySet<string>): boolean =>
    expressionsIn(value).some((expression) =>
      [...sought].some((name) => evaluator.asksFor(expression, name)),
    );
  const names = new Set(known);
  const nodes = [...placed([...playbook.steps, ...playbook.always], prefix)];
  for (let size = 0; size < names.size;) {
    size = names.size;
    for (const { key, value } of playbook.let) if (mentions(value, names)) names.add(`vars.${key}`);
    for (const { node, around } of nodes) {
      if (mentions(around, names) || mentions(node, names)) names.add(`steps.${node.id}`);
    }
  }
  const steps: StepsAffected[] = [];
  const inputs: { call: RegExp; name: string }[] = [];
  for (const { node, around, key } of nodes) {
    if (!names.has(`steps.${node.id}`)) continue;
    if (node.type === 'step' && (mentions(around, names) || mentions(node, names))) {
      steps.push({ key: whole(key), isFrozen: false });
    } else if (node.type === 'call') {
      const given = node.inputs.filter(({ value }) => mentions(value, names)).map((entry) => entry.key);
      const inner = reach(
        node.playbook,
        `${key}/`,
        new Set(given.map((input) => `inputs.${input}`)),
        evaluator,
      );
      steps.push(...inner.steps);
      inputs.push(...given.map((input) => ({ call: whole(key), name: input })), ...inner.inputs);
    } else if (mentions(node, names)) steps.push({ key: whole(key), isFrozen: true });
  }
  return { steps, inputs };
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
function expressionsIn(value: unknown): readonly Expression[] {
  if (typeof value !== 'object' || value === null) return [];
  if (isExpression(value)) return [value];
  return Object.entries(value).flatMap(([member, each]) => (APART.has(member) ? [] : expressionsIn(each)));
}

const isExpression = (value: object): value is Expression =>
  'source' in value && typeof value.source === 'string' && 'span' in value;

const literally = (text: string): string => text.replaceAll(/[.*+?^${}()|[\]\\/-]/g, '\\$&');

const whole = (pattern: string): RegExp => new RegExp(`^${pattern}$`);
