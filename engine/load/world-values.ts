import type { JsonObject } from '../base/json.ts';
import { listOf } from '../base/json.ts';
import { parseExpression } from '../expression/parse.ts';
import { staticPath } from '../expression/path.ts';
import { hasTemplate, splitTemplate } from '../expression/template.ts';
import { TARGET_GROUPS } from '../model/environment.ts';
import type { WorldName, WorldValue } from '../model/world.ts';
import type { Span } from '../source/file.ts';
import { annotation, follow, itemOf, memberOf } from './schemas/shape.ts';
import { locate } from './syntax/locate.ts';
import type { Tree, TreeScalar } from './syntax/tree.ts';
import { checkWorldName, isWholePart } from './world-names.ts';
import type { KnownParts, WorldContext, WorldPlace } from './world-names.ts';

/** The `with` of a part. */
export function partValue(tree: Tree, schema: JsonObject | undefined, context: WorldContext): WorldValue {
  const inside = (place: WorldPlace, found: JsonObject | undefined): WorldPlace => ({
    in: place.in,
    schema: found,
    ...targetsOf(found),
  });
  return new Values(context, inside).value(tree, { in: 'part', schema });
}

const targetsOf = (schema: JsonObject | undefined): Pick<WorldPlace, 'targets'> => {
  const targets = schema === undefined ? undefined : annotation(schema, 'x-target');
  if (typeof targets === 'string') return { targets: [targets] };
  return targets === undefined ? {} : { targets: listOf(targets).map(String) };
};

/** The environment of a world: its targets are parts, and its secrets lie in files. */
export function environmentValue(tree: Tree, schema: JsonObject, context: WorldContext): WorldValue {
  // Below a place that takes secrets in any form all places do.
  const inside = (place: WorldPlace, found: JsonObject | undefined): WorldPlace => {
    const free = place.schema !== undefined && annotation(place.schema, 'x-accepts') === 'secret';
    return {
      in: place.in,
      schema: found === undefined ? (free ? place.schema : undefined) : follow(found, schema),
    };
  };
  const values = new Values(context, inside);
  const root: WorldPlace = { in: 'environment', schema };
  if (tree.type !== 'map') return values.value(tree, root);
  const members = tree.entries.map(({ key, value }): [string, WorldValue] => {
    const place = { ...inside(root, memberOf(schema, key)), section: key };
    if (!TARGET_GROUPS.some((group) => group === key) || value.type !== 'map')
      return [key, values.value(value, place)];
    const targets = value.entries.map((one): [string, WorldValue] => [
      one.key,
      values.value(one.value, { ...inside(place, memberOf(place.schema, one.key)), targets: [key] }),
    ]);
    return [key, { type: 'map', members: Object.fromEntries(targets) }];
  });
  return { type: 'map', members: Object.fromEntries(members) };
}

class Values {
  readonly #context: WorldContext;
  readonly #inside: (place: WorldPlace, found: JsonObject | undefined) => WorldPlace;

  constructor(
    context: WorldContext,
    inside: (place: WorldPlace, found: JsonObject | undefined) => WorldPlace,
  ) {
    this.#context = context;
    this.#inside = inside;
  }

  value(tree: Tree, place: WorldPlace): WorldValue {
    const value = this.#read(tree, place);
    if (place.in === 'part' && place.targets !== undefined && !isWholePart(value)) {
      this.#context.report.error('DB213', tree.span, 'Here stands a part as a whole', {
        hint: `Write its name and nothing else: ${example(this.#context.parts, place.targets)}.`,
      });
    }
    return value;
  }

  #read(tree: Tree, place: WorldPlace): WorldValue {
    switch (tree.type) {
      case 'list':
        return {
          type: 'list',
          items: tree.items.map((item) => this.value(item, this.#inside(place, itemOf(place.schema)))),
        };
      case 'map':
        return {
          type: 'map',
          members: Object.fromEntries(
            tree.entries.map(({ key, value }) => [
              key,
              this.value(value, this.#inside(place, memberOf(place.schema, key))),
            ]),
          ),
        };
      case 'scalar':
        return this.#scalar(tree, place);
    }
  }

  #scalar(tree: TreeScalar, place: WorldPlace): WorldValue {
    const { value } = tree;
    if (typeof value === 'bigint') {
      const whole = Number(value);
      if (!Number.isSafeInteger(whole)) {
        this.#context.report.error('DB171', tree.span, `${String(value)} would lose digits here`, {
          hint: 'Write it in quotes.',
        });
      }
      return { type: 'literal', value: whole };
    }
    const isPlain =
      place.in === 'part' && place.schema !== undefined && annotation(place.schema, 'x-plain') === true;
    if (typeof value !== 'string' || isPlain || !hasTemplate(value)) return { type: 'literal', value };
    return this.#text(tree, value, place);
  }

  #text(tree: TreeScalar, text: string, place: WorldPlace): WorldValue {
    const pieces: (string | WorldName)[] = [];
    const names: { readonly name: WorldName; readonly at: Span }[] = [];
    for (const part of splitTemplate(text)) {
      if (part.type === 'text') {
        pieces.push(part.text);
      } else if (part.type === 'problem') {
        const { kind, start, end, message, hint } = part.problem;
        const wrong = text.slice(start, Math.max(end, start + 1));
        const code = kind === 'syntax' ? 'DB040' : 'DB045';
        this.#context.report.error(code, locate(tree, wrong, start), sentence(message), { hint });
      } else {
        const at = locate(tree, part.source, part.start);
        const name = this.#name(part.source, at);
        if (name === undefined) continue;
        names.push({ name, at });
        pieces.push(name);
      }
    }
    const [only] = pieces;
    const isWhole = pieces.length === 1 && typeof only === 'object';
    for (const { name, at } of names) checkWorldName(name, at, { ...place, isWhole }, this.#context);
    return isWhole ? { type: 'name', name: only } : { type: 'text', pieces };
  }

  /** Undefined, and reported, for an expression that is more than a name. */
  #name(source: string, at: Span): WorldName | undefined {
    const parsed = parseExpression(source);
    const path = parsed.ok ? staticPath(parsed.value.ast) : undefined;
    if (path !== undefined) return path.map(String);
    this.#context.report.error(
      'DB208',
      at,
      'A world only names what its parts give: nothing is reckoned in it',
      {
        hint: 'Write one name: ${{ parts.db.url }}. Texts are put together by writing them side by side.',
      },
    );
    return undefined;
  }
}

/** A part of this world that could stand there, as it is written. */
function example(parts: KnownParts, targets: readonly string[]): string {
  const fitting = [...parts].find(([, kind]) => kind?.target !== undefined && targets.includes(kind.target));
  return `\${{ parts.${fitting?.[0] ?? 'db'} }}`;
}

const sentence = (message: string): string => message.charAt(0).toUpperCase() + message.slice(1);
