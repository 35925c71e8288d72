import type { Json, JsonObject } from '../../base/json.ts';
import { isJsonArray, isJsonObject } from '../../base/json.ts';
import { annotation } from '../schemas/shape.ts';
import type { KindSchema } from '../schemas/kind-schema.ts';
import { entries, items, member, stringOf } from '../syntax/tree.ts';
import type { Tree } from '../syntax/tree.ts';
import type { Unit } from './unit.ts';

/**
 * A member of an output that names what a step leaves behind (`x-stays`): always, or where arguments have these values
 * and others are not given; `until` is the kind that clears it away.
 */
interface Stays {
  readonly member: string;
  readonly until: string;
}

/**
 * Warns of what a step leaves behind when its name is handed to no step that clears it away, to no call that may, and
 * out of the playbook neither.
 */
export function checkLeftBehind({ tree, kinds, report }: Unit): void {
  for (const { uses, step } of stepsIn(tree)) {
    const kind = kinds.get(uses);
    for (const { member: name, until } of staysOf(kind, member(step, 'with'))) {
      const id = stringOf(member(step, 'id'));
      const written = `steps.${id ?? '<id>'}.output.${name}`;
      if (id !== undefined && handedTo(tree, until).some((text) => text.includes(written))) continue;
      report.warning(
        'DB160',
        (member(step, 'uses') ?? step).span,
        `What ${uses} leaves here (output.${name}) is never cleared away`,
        {
          hint: `Clear it away with ${until}, at best in an undo "at: exit" of this step: \${{ ${written} }}.`,
        },
      );
    }
  }
}

function staysOf(kind: KindSchema | undefined, args: Tree | undefined): readonly Stays[] {
  const properties = kind?.output?.['properties'];
  return Object.entries(isJsonObject(properties) ? properties : {}).flatMap(([name, schema]) => {
    const stays = isJsonObject(schema) ? annotation(schema, 'x-stays') : undefined;
    if (!isJsonObject(stays) || typeof stays['until'] !== 'string') return [];
    const fits = Object.entries(objectOf(stays['where'])).every(([key, value]) => {
      return stringOf(member(args, key)) === value;
    });
    const without = textsOf(stays['without']);
    return fits && !without.some((key) => member(args, key) !== undefined)
      ? [{ member: name, until: stays['until'] }]
      : [];
  });
}

const objectOf = (value: Json | undefined): JsonObject => (isJsonObject(value) ? value : {});
const textsOf = (value: Json | undefined): readonly string[] =>
  value !== undefined && isJsonArray(value) ? value.filter((text) => typeof text === 'string') : [];

/** Every step, whatever it stands in: phases, branches, loops, undos, parts. */
function* stepsIn(tree: Tree): Generator<{ readonly uses: string; readonly step: Tree }> {
  for (const item of items(tree)) yield* stepsIn(item);
  const uses = stringOf(member(tree, 'uses'));
  if (uses !== undefined) yield { uses, step: tree };
  for (const { key, value } of entries(tree)) if (key !== 'with') yield* stepsIn(value);
}

/** The texts that such a name can be handed on by: to the step that clears away, to a call, as a value or an output. */
function handedTo(tree: Tree, until: string): readonly string[] {
  const ofSteps = [...stepsIn(tree)]
    .filter(({ uses }) => [until, 'playbook', 'part'].includes(uses))
    .flatMap(({ step }) => textsIn(member(step, 'with')));
  return [...ofSteps, ...namedIn(tree, ['outputs', 'let'])];
}

/** The texts under these keys, at any depth. */
const namedIn = (tree: Tree, keys: readonly string[]): readonly string[] => [
  ...items(tree).flatMap((item) => namedIn(item, keys)),
  ...entries(tree).flatMap(({ key, value }) => (keys.includes(key) ? textsIn(value) : namedIn(value, keys))),
];

const textsIn = (tree: Tree | undefined): readonly string[] => {
  const text = stringOf(tree);
  return [
    ...(text === undefined ? [] : [text]),
    ...items(tree).flatMap(textsIn),
    ...entries(tree).flatMap(({ value }) => textsIn(value)),
  ];
};
