import { parse, stringify } from 'yaml';
import { mutateBytes } from '../../rig/mutation.ts';
import type { Dice } from '../../rig/mutation.ts';

/** Values and expressions that loaders and languages trip over. */
const HARD: readonly string[] = [
  ...['""', 'null', '~', 'true', '-1', '0', '1e400', '-0.0', '9007199254740993', '0x1F', '.nan', '[]', '{}'],
  ...[
    '"${{"',
    '"${{ }}"',
    '"${{ 1 + }}"',
    '"${{ {\\"a\\": 1}.a }}"',
    '"}}"',
    '*none',
    '&a [*a]',
    '!!binary "x"',
  ],
  ...[
    '"\\u0000"',
    '"\\u202e"',
    '"__proto__"',
    'constructor',
    '"é\u{1f525}"',
    '- - - x',
    '? x',
    '|',
    '>-',
    '%',
  ],
  ...[
    'steps.gone.output.x',
    'has(steps.a.output)',
    '[1, 2].map(x, x)',
    '"a".matches("(")',
    '1 ? 2 : 3',
    'now - now',
  ],
  ...[
    'env.databases.main',
    'vars.x',
    'run.folder',
    'output.rows[0].n > 1',
    '!!!!true',
    'timestamp("x")',
    '30m',
    '2026-02-30',
  ],
];

/** Words, numbers and signs of a YAML text, with what stands between them. */
const TOKENS = /\$\{\{|\}\}|[\w.-]+|\s+|[^\w\s]/g;

type Mutation = (text: string, dice: Dice, others: readonly string[]) => string;

const tokensOf = (text: string): string[] => text.match(TOKENS) ?? [];

const MUTATIONS: readonly Mutation[] = [
  (text, dice) => mutateBytes(Buffer.from(text), dice).toString('utf8'),
  mutateTokens,
  mutateLines,
  mutateTree,
];

/** A text with one to three mutations of its bytes, its tokens, its lines or its tree. */
export function mutateText(text: string, dice: Dice, others: readonly string[]): string {
  let mutated = text;
  for (let times = 1 + dice.below(3); times > 0; times--)
    mutated = dice.pick(MUTATIONS)(mutated, dice, others);
  return mutated.slice(0, 1024 * 1024);
}

function mutateTokens(text: string, dice: Dice, others: readonly string[]): string {
  const tokens = tokensOf(text);
  if (tokens.length === 0) return dice.pick(HARD);
  const at = dice.below(tokens.length);
  const put = dice.pick([
    () => dice.pick(HARD),
    () => dice.pick(tokens),
    () => dice.pick([...tokensOf(dice.pick(others)), 'x']),
    () => '',
    () => (tokens[at] ?? '').repeat(1 + dice.below(dice.oneIn(20) ? 5000 : 5)),
  ]);
  tokens[at] = put();
  return tokens.join('');
}

function mutateLines(text: string, dice: Dice, others: readonly string[]): string {
  const lines = text.split('\n');
  const at = dice.below(lines.length);
  const other = dice.pick(others).split('\n');
  const piece = other.slice(dice.below(other.length)).slice(0, 1 + dice.below(8));
  dice.pick([
    () => lines.splice(at, 1 + dice.below(4)),
    () => lines.splice(at, 0, ...piece),
    () => lines.splice(at, 0, ...lines.slice(at, at + 1 + dice.below(20))),
    () => (lines[at] = ' '.repeat(dice.below(5)) + (lines[at] ?? '')),
    () => (lines[at] = (lines[at] ?? '').trimStart()),
  ])();
  return lines.join('\n');
}

/** What YAML gives: places in lists and maps, as `[container, key]`; each container once, for an alias may lead back into its own. */
function placesIn(tree: unknown): readonly [Record<string, unknown>, string][] {
  const containers = new Set([tree].filter(isContainer));
  const found: [Record<string, unknown>, string][] = [];
  for (const container of containers) {
    for (const [key, member] of Object.entries(container)) {
      found.push([container, key]);
      if (isContainer(member)) containers.add(member);
    }
  }
  return found;
}

const isContainer = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null;

function mutateTree(text: string, dice: Dice, others: readonly string[]): string {
  const tree = parsed(text);
  const places = placesIn(tree);
  if (places.length === 0) return text;
  const [container, key] = dice.pick(places);
  const [from, name] = dice.pick([...placesIn(parsed(dice.pick(others))), ...places.slice(0, 1)]);
  dice.pick([
    () => Reflect.deleteProperty(container, key),
    () => (container[key] = structuredClone(from[name])),
    () => (container[name] = structuredClone(from[name])),
    () => (container[key] = dice.pick(HARD)),
    () => (container[key] = [container[key], structuredClone(from[name])]),
    () => (container[key] = { [name]: container[key] }),
    () => (container[key] = nested(container[key], dice.below(300))),
    () => (container[key] = `\${{ ${dice.pick(HARD)} }}`),
  ])();
  try {
    return stringify(tree);
  } catch {
    return text;
  }
}

function nested(value: unknown, levels: number): unknown {
  let made = value;
  for (let level = 0; level < levels; level++) made = [made];
  return made;
}

function parsed(text: string): unknown {
  try {
    return parse(text, { maxAliasCount: 100, logLevel: 'silent' }) as unknown;
  } catch {
    return undefined;
  }
}
