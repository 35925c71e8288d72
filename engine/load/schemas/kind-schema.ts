import { Duration } from '../../base/duration.ts';
import { Instant } from '../../base/instant.ts';
import type { JsonObject } from '../../base/json.ts';
import { isJsonObject } from '../../base/json.ts';
import { isValueList, isValueMap, wholeNumber } from '../../base/value.ts';
import type { Value } from '../../base/value.ts';
import { isHandle } from '../../model/handle.ts';
import type { KindOfOperation } from '../../model/operation.ts';
import type { Effect } from '../../model/playbook.ts';
import { describeProblem } from '../validate.ts';
import type { ValidationProblem } from '../validate.ts';
import { annotation, itemOf, memberOf, typesOf } from './shape.ts';

/** What the schema of a step kind or a fault kind says. */
export interface KindSchema {
  readonly name: string;
  readonly effect: Effect;
  readonly with: JsonObject;
  /** Undefined when nothing is said of the output. */
  readonly output: JsonObject | undefined;
  /** What it is to the log of operations; undefined for a kind that neither backs up nor restores. */
  readonly operation: KindOfOperation | undefined;
  /** Its failure is noted, and the run goes on. */
  readonly failureIsNoted: boolean;
  /** It can go on in the background. */
  readonly background: boolean;
  /** Whether the kind does it by itself, people do, or the run does. */
  readonly doneBy: 'kind' | 'people' | 'run';
  /** The codes of its errors, and classes of codes that its provider gives. */
  readonly errors: readonly string[];
  readonly errorClasses: readonly string[];
  readonly validate: (args: unknown) => readonly ValidationProblem[];
}

/** A kind's schema as others ask it. `validate`: what is wrong with a `with`. */
export function kindSchemaOf(name: string, schema: JsonObject, validate: KindSchema['validate']): KindSchema {
  const properties = isJsonObject(schema['properties']) ? schema['properties'] : {};
  return {
    name,
    effect: (schema['x-effect'] ?? 'unknown') as Effect,
    with: isJsonObject(properties['with']) ? properties['with'] : {},
    output: isJsonObject(properties['output']) ? properties['output'] : undefined,
    operation: schema['x-operation'] as KindOfOperation | undefined,
    failureIsNoted: schema['x-failure'] === 'noted',
    background: schema['x-background'] === true,
    doneBy: (schema['x-done-by'] ?? 'kind') as KindSchema['doneBy'],
    errors: (schema['x-errors'] ?? []) as readonly string[],
    errorClasses: (schema['x-error-classes'] ?? []) as readonly string[],
    validate,
  };
}

/**
 * Problems of a resolved `with`, as `path: message`; empty when it is valid. What the
 * schema marks is taken as it is at run time: a duration or a time as a value of its
 * own, a handle where a secret or a target may stand.
 */
export function problemsOfArgs(schema: KindSchema, args: Value): readonly string[] {
  return problemsOfValue(args, schema.with, schema.validate, 'with');
}

/** The same of any value: `whole` is what it is called where it is wrong as a whole. */
export function problemsOfValue(
  value: Value,
  schema: JsonObject,
  validate: KindSchema['validate'],
  whole: Notes['whole'],
): readonly string[] {
  const exempt: string[] = [];
  const problems: string[] = [];
  const prepared = prepare(value, schema, '', { exempt, problems, whole });
  for (const problem of validate(prepared)) {
    if (exempt.some((path) => isWithin(problem.instancePath, path))) continue;
    problems.push(`${where(problem.instancePath, whole)}: ${describeProblem(problem, schema).message}`);
  }
  return problems;
}

interface Notes {
  /** Places of handles: what a schema says of their form does not concern them. */
  readonly exempt: string[];
  readonly problems: string[];
  readonly whole: 'with' | 'output';
}

function prepare(value: Value, schema: JsonObject | undefined, path: string, notes: Notes): unknown {
  if (isHandle(value) && schema !== undefined) {
    if (annotation(schema, 'x-accepts') !== undefined || annotation(schema, 'x-target') !== undefined) {
      notes.exempt.push(path);
    }
    return value;
  }
  const format = schema === undefined ? undefined : annotation(schema, 'x-format');
  if (value instanceof Instant && format === 'time') return value.toString();
  if (value instanceof Duration && format === 'duration') return value.toString();
  if (typeof value === 'string') {
    if (format === 'time' && Instant.parse(value) === undefined) {
      notes.problems.push(`${where(path, notes.whole)}: "${value}" is no time with an offset`);
    }
    if (format === 'duration' && Duration.parse(value) === undefined) {
      notes.problems.push(`${where(path, notes.whole)}: "${value}" is no duration`);
    }
  }
  if (typeof value === 'bigint') {
    // A kind is given its integers as JavaScript's numbers; an output is kept with all digits.
    const isRounded = notes.whole === 'with' && typesOf(schema ?? {}).includes('integer');
    if (isRounded && typeof wholeNumber(value) === 'bigint') {
      notes.problems.push(
        `${where(path, notes.whole)}: ${String(value)} would lose digits here: it is beyond 2^53`,
      );
    }
    return Number(value);
  }
  if (isValueList(value)) {
    return value.map((item, index) => prepare(item, itemOf(schema), `${path}/${String(index)}`, notes));
  }
  if (!isValueMap(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, member]) => [
      key,
      prepare(member, memberOf(schema, key), `${path}/${pointerPart(key)}`, notes),
    ]),
  );
}

/** A key as a part of a JSON pointer. */
export const pointerPart = (key: string): string => key.replaceAll('~', '~0').replaceAll('/', '~1');

const isWithin = (path: string, outer: string): boolean => path === outer || path.startsWith(`${outer}/`);

const where = (path: string, whole: string): string =>
  path === '' ? whole : path.slice(1).replaceAll('/', '.').replaceAll('~1', '/').replaceAll('~0', '~');
