import type { JsonObject } from '../../base/json.ts';
import { isJsonArray } from '../../base/json.ts';
import type { ParsedExpression } from '../../expression/parse.ts';
import type { NamePath } from '../../expression/path.ts';
import { checkTypes } from '../../expression/types.ts';
import type { KnownNames, StaticType } from '../../expression/types.ts';
import { RUN_MEMBERS } from '../../model/names.ts';
import type { RunMember } from '../../model/names.ts';
import type { Span } from '../../source/file.ts';
import { checkDuration, checkTime } from '../formats.ts';
import { annotation, itemOf, memberOf, typesOf } from '../schemas/shape.ts';
import { within } from '../syntax/locate.ts';
import { entries, items, member, stringOf } from '../syntax/tree.ts';
import type { ErrorCodes } from './codes.ts';
import type { ExpressionPlace, Unit } from './unit.ts';

/** Checks the types of an expression against what inputs and output schemas tell. Gives the type of the whole. */
export function checkedType(
  parsed: ParsedExpression,
  span: Span,
  unit: Unit,
  place: ExpressionPlace,
): StaticType {
  const { type, problems } = checkTypes(parsed, knownNames(unit, place));
  for (const { kind, message, hint, start, end } of problems) {
    const at = within(span, parsed.source, start, end);
    if (kind === 'code') unit.report.warning('DB105', at, message, { hint });
    else if (kind === 'time') checkTime(message, at, unit.report);
    else if (kind === 'duration') checkDuration(message, at, unit.report);
    else if (kind === 'pattern') patternError(message, at, unit);
    else unit.report.error('DB045', at, message, { hint });
  }
  return type;
}

const patternError = (message: string, at: Span, unit: Unit): void =>
  unit.report.error('DB110', at, `This is no regular expression: ${message}`, {
    hint: 'They are those of RE2: nothing looks ahead or behind, and \\1 means nothing.',
  });

function knownNames(unit: Unit, place: ExpressionPlace): KnownNames {
  const input = (name: string | number | undefined, part: string) =>
    member(member(member(unit.tree, 'inputs'), String(name)), part);
  return {
    typeOf([root, ...names]: NamePath): StaticType {
      switch (root) {
        case 'now':
          return names.length === 0 ? 'time' : undefined;
        case 'run':
          return names.length === 1 ? runType(names[0]) : undefined;
        case 'inputs':
          return names.length === 1 ? inputType(stringOf(input(names[0], 'type'))) : undefined;
        case 'output':
          return place.names.has('output') ? schemaType(place.output, names) : undefined;
        case 'steps':
          if (names[1] === 'outcome' && names.length === 2) return 'text';
          if (names[1] !== 'output') return undefined;
          return schemaType(unit.symbols.byId.get(String(names[0]))?.output, names.slice(2));
        default:
          return undefined;
      }
    },
    codesOf([root, ...names]: NamePath): ErrorCodes | undefined {
      const asked = names.map((name) => (typeof name === 'number' ? '[]' : name));
      if (root === 'error') return asked.join('.') === 'code' ? place.codes : undefined;
      const [id = '', ...members] = asked;
      const isCode = ['error.code', 'items.[].error.code'].includes(members.join('.'));
      return root === 'steps' && isCode ? unit.symbols.byId.get(id)?.codes : undefined;
    },
    choicesOf([root, name, ...members]: NamePath): readonly string[] | undefined {
      if (root !== 'inputs' || members.length > 0) return undefined;
      if (stringOf(input(name, 'type')) !== 'choice') return undefined;
      const options = input(name, 'options');
      const values = [
        ...entries(options).map(({ key }) => key),
        ...items(options).flatMap((item) => stringOf(item) ?? []),
      ];
      return values.length === 0 ? undefined : values;
    },
  };
}

const runType = (name: string | number | undefined): StaticType =>
  name !== undefined && Object.hasOwn(RUN_MEMBERS, name) ? RUN_MEMBERS[name as RunMember] : undefined;

function inputType(kind: string | undefined): StaticType {
  switch (kind) {
    case 'text':
    case 'choice':
      return 'text';
    case 'time':
    case 'duration':
    case 'number':
    case 'boolean':
    case 'list':
      return kind;
    default:
      return undefined;
  }
}

function schemaType(schema: JsonObject | undefined, names: readonly (string | number)[]): StaticType {
  let at = schema;
  for (const name of names) at = typeof name === 'number' ? itemOf(at) : memberOf(at, name);
  if (at === undefined) return undefined;
  const format = annotation(at, 'x-format');
  const [type, ...others] = typesOf(at);
  if (others.length > 0) return undefined;
  switch (type) {
    case 'string':
      return format === 'time' || format === 'duration' ? format : 'text';
    case 'integer':
    case 'number':
      return 'number';
    case 'boolean':
      return 'boolean';
    case 'array':
      return 'list';
    case 'object':
      return 'object';
    default:
      return isTextEnum(at) ? 'text' : undefined;
  }
}

function isTextEnum(schema: JsonObject): boolean {
  const values = schema['enum'];
  return values !== undefined && isJsonArray(values) && values.every((value) => typeof value === 'string');
}
