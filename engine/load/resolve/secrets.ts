import type { JsonObject } from '../../base/json.ts';
import { isValueMap } from '../../base/value.ts';
import type { Value } from '../../base/value.ts';
import type { ParsedExpression } from '../../expression/parse.ts';
import type { Reference } from '../../expression/references.ts';
import { TARGET_GROUPS } from '../../model/environment.ts';
import { isHandle } from '../../model/handle.ts';
import type { Span } from '../../source/file.ts';
import { annotation, follow, itemOf, memberOf } from '../schemas/shape.ts';
import { fileSchema } from '../stepschema.ts';
import { within } from '../syntax/locate.ts';
import type { ExpressionPlace, Unit } from './unit.ts';

/**
 * Refuses a secret where it could be seen: inside a text, as a part of something else, or
 * in a field that does not say that it takes one. `accepts`: the schema of the field,
 * `text` inside a longer text, undefined where nothing is said.
 */
export function checkSecrets(
  parsed: ParsedExpression,
  span: Span,
  unit: Unit,
  place: ExpressionPlace,
  accepts: JsonObject | 'text' | undefined,
): void {
  for (const reference of parsed.references) {
    if (!isSecret(reference, unit, place)) continue;
    const at = within(span, parsed.source, reference.start, reference.end);
    const name = parsed.source.slice(reference.start, reference.end);
    if (accepts === 'text' || reference.mixed) {
      unit.report.error('DB047', at, `"${name}" is a secret and cannot become part of a text`, {
        hint: 'Give it whole to a field that takes a secret.',
      });
    } else if (accepts !== undefined && !takesHandles(accepts)) {
      unit.report.error('DB048', at, `"${name}" is a secret, and this field does not take one`);
    }
  }
}

/** A field without any form (`{}`) takes what it gets; one with a form must say that a handle may stand there. */
const takesHandles = (schema: JsonObject): boolean =>
  annotation(schema, 'x-accepts') === 'secret' || annotation(schema, 'x-target') !== undefined;

function isSecret(reference: Reference, unit: Unit, place: ExpressionPlace): boolean {
  const { root, path } = reference;
  const names = path.map(({ name }) => name);
  if (root === 'env') return isSecretOfEnvironment(names, unit);
  if (root === 'output') return isMarked(place.output, names);
  if (root !== 'steps' || names[1] !== 'output') return false;
  return isMarked(unit.symbols.byId.get(String(names[0]))?.output, names.slice(2));
}

function isMarked(
  schema: JsonObject | undefined,
  names: readonly (string | number)[],
  followed: (schema: JsonObject) => JsonObject = (same) => same,
): boolean {
  let at = schema;
  for (const name of names) {
    if (at === undefined) return false;
    if (annotation(at, 'x-secret') === true) return true;
    const next: JsonObject | undefined = typeof name === 'number' ? itemOf(at) : memberOf(at, name);
    at = next === undefined ? undefined : followed(next);
  }
  return at !== undefined && annotation(at, 'x-secret') === true;
}

function isSecretOfEnvironment(names: readonly (string | number)[], unit: Unit): boolean {
  if (unit.environment === undefined) {
    const { schema } = fileSchema('environment');
    // What is read of another environment stands there as it would here.
    const inside = names[0] === 'sources' ? names.slice(2) : names;
    return isMarked(schema, inside, (place) => follow(place, schema));
  }
  let at: Value | undefined = unit.environment.data;
  for (const name of names) {
    // Asked of a secret itself, which is told with the references.
    if (isHandle(at)) return false;
    at = isValueMap(at) ? at[String(name)] : undefined;
  }
  return isHandle(at);
}

/** A field that takes a target of one group gets an entry of that group, whole. */
export function checkTarget(
  parsed: ParsedExpression,
  span: Span,
  unit: Unit,
  schema: JsonObject | undefined,
): void {
  const group = schema === undefined ? undefined : annotation(schema, 'x-target');
  const [reference] = parsed.references;
  if (typeof group !== 'string' || reference?.root !== 'env') return;
  if (reference.start !== 0 || reference.end !== parsed.source.length) return;
  const names = reference.path.map(({ name }) => String(name));
  const [found, entry, ...rest] = names[0] === 'sources' ? names.slice(2) : names;
  if (found === undefined || !(TARGET_GROUPS as readonly string[]).includes(found)) return;
  const fits = found === group || group === 'any';
  if (fits && entry !== undefined && rest.length === 0) return;
  const written = `env.${group}.${found === group && entry !== undefined ? entry : 'name'}`;
  unit.report.error(
    'DB049',
    span,
    found === group
      ? 'This field takes the target itself'
      : `This field takes one of ${group}, not of ${found}`,
    { hint: `Write \${{ ${written} }}.` },
  );
}
