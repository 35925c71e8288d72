import type { JsonObject } from '../base/json.ts';
import { isJsonObject } from '../base/json.ts';
import { hasTemplate } from '../expression/template.ts';
import { nearest } from '../source/nearest.ts';
import type { Span } from '../source/file.ts';
import { guessedKey } from './first-guesses.ts';
import { meant } from './report.ts';
import type { Report } from './report.ts';
import { annotation, schemaAt } from './schemas/shape.ts';
import { atPointer, entry } from './syntax/tree.ts';
import type { Tree } from './syntax/tree.ts';

/** One complaint of a compiled validator. */
export interface ValidationProblem {
  readonly instancePath: string;
  readonly keyword: string;
  readonly params: Readonly<Record<string, unknown>>;
}

interface Description {
  readonly code: string;
  readonly message: string;
  readonly hint?: string | undefined;
}

/** Keys that the design has and this version has not. */
const NOT_YET = new Set(['isolation', 'rehearse']);

/**
 * What a validator found, at its places in the text. `owner`: where to say that something
 * is missing at the top. `templates`: values with `${{ }}` are not known yet and left out.
 */
export function reportProblems(
  problems: readonly ValidationProblem[],
  tree: Tree,
  schema: JsonObject,
  report: Report,
  { owner = tree.span, templates = false }: { readonly owner?: Span; readonly templates?: boolean } = {},
): void {
  for (const problem of problems.filter(isFirstMissing)) {
    const node = atPointer(tree, problem.instancePath);
    const isUnknown = templates && isTemplate(node) && problem.keyword !== EXCLUDED;
    if (isUnknown || MERELY_FOLLOWS.has(problem.keyword)) continue;
    const place = schemaAt(schema, problem.instancePath);
    if (problem.keyword === 'type' && place !== undefined && isExpression(place) && node.type !== 'scalar') {
      report.error('DB015', node.span, 'YAML reads this expression as a list or an object', {
        hint: 'Put the whole expression in quotes.',
      });
      continue;
    }
    const { code, message, hint } =
      problem.keyword === 'required' ? missing(problem, problems) : describeProblem(problem, schema, node);
    report.error(code, spanOf(problem, node, tree, owner), message, { hint });
  }
}

/** Of several members that are missing in one place, the first speaks for all. */
function isFirstMissing(
  problem: ValidationProblem,
  index: number,
  all: readonly ValidationProblem[],
): boolean {
  return problem.keyword !== 'required' || all.findIndex((other) => isMissingWith(other, problem)) === index;
}

const isMissingWith = (a: ValidationProblem, b: ValidationProblem): boolean =>
  a.keyword === 'required' && a.instancePath === b.instancePath;

function missing(problem: ValidationProblem, all: readonly ValidationProblem[]): Description {
  const names = all
    .filter((other) => isMissingWith(other, problem))
    .map(({ params }) => `"${String(params['missingProperty'])}"`);
  const last = names.pop() ?? '';
  return {
    code: 'DB022',
    message: names.length === 0 ? `${last} is missing` : `${names.join(', ')} and ${last} are missing`,
  };
}

/** Keywords that only repeat what another problem says better. */
const MERELY_FOLLOWS = new Set(['if', 'then', 'else', 'allOf', 'anyOf', 'oneOf', 'propertyNames']);

/** What may not stand there, whatever it is. */
const EXCLUDED = 'false schema';

const isExpression = (schema: JsonObject): boolean => annotation(schema, 'x-expression') === true;

function isTemplate(node: Tree): boolean {
  return node.type === 'scalar' && typeof node.value === 'string' && hasTemplate(node.value);
}

function spanOf(problem: ValidationProblem, node: Tree, tree: Tree, owner: Span): Span {
  if (problem.keyword === 'additionalProperties') {
    return entry(node, String(problem.params['additionalProperty']))?.keySpan ?? node.span;
  }
  if (problem.keyword === EXCLUDED) return keySpanOf(tree, problem.instancePath) ?? node.span;
  if (problem.keyword !== 'required') return node.span;
  if (node === tree) return owner;
  return keySpanOf(tree, problem.instancePath) ?? node.span;
}

/** Where the key of a value stands: a missing member is told at the key that lacks it. */
function keySpanOf(tree: Tree, pointer: string): Span | undefined {
  const cut = pointer.lastIndexOf('/');
  const parent = atPointer(tree, pointer.slice(0, cut));
  return parent.type === 'map'
    ? entry(parent, pointer.slice(cut + 1).replaceAll('~1', '/'))?.keySpan
    : undefined;
}

/** What a complaint means, in words. */
export function describeProblem(problem: ValidationProblem, schema: JsonObject, node?: Tree): Description {
  const { keyword, params } = problem;
  const place = schemaAt(schema, problem.instancePath);
  switch (keyword) {
    case 'additionalProperties':
      return unknownKey(String(params['additionalProperty']), place);
    case 'required':
      return { code: 'DB022', message: `"${String(params['missingProperty'])}" is missing` };
    case 'dependentRequired':
      return {
        code: 'DB022',
        message: `"${String(params['missingProperty'])}" is missing, which "${String(params['property'])}" needs`,
      };
    case EXCLUDED:
      return excluded(problem.instancePath, place);
    case 'type':
      return wrongType(place ?? {}, params['type'], node);
    case 'enum': {
      const allowed = (Array.isArray(params['allowedValues']) ? params['allowedValues'] : []).map(String);
      const value = node?.type === 'scalar' ? String(node.value) : '';
      return {
        code: 'DB023',
        message: `This must be ${oneOf(allowed)}`,
        hint: meant(nearest(value, allowed)),
      };
    }
    case 'const':
      return { code: 'DB023', message: `This must be ${String(params['allowedValue'])}` };
    case 'pattern':
      return { code: 'DB023', message: `This does not have the form ${String(params['pattern'])}` };
    case 'minimum':
    case 'exclusiveMinimum':
      return {
        code: 'DB023',
        message: `This must be ${String(params['comparison'])} ${String(params['limit'])}`,
      };
    case 'maximum':
    case 'exclusiveMaximum':
      return {
        code: 'DB023',
        message: `This must be ${String(params['comparison'])} ${String(params['limit'])}`,
      };
    case 'minItems':
    case 'minLength':
    case 'minProperties':
      return { code: 'DB023', message: `This must have at least ${String(params['limit'])}` };
    case 'maxItems':
    case 'maxLength':
    case 'maxProperties':
      return { code: 'DB023', message: `This must have at most ${String(params['limit'])}` };
    default:
      return { code: 'DB023', message: `This is not allowed here (${keyword})` };
  }
}

function excluded(pointer: string, place: JsonObject | undefined): Description {
  const key = pointer.slice(pointer.lastIndexOf('/') + 1).replaceAll('~1', '/');
  const described = place?.['description'];
  return {
    code: 'DB218',
    message: `"${key}" does not go with what else stands here`,
    hint: typeof described === 'string' ? described : undefined,
  };
}

function unknownKey(key: string, place: JsonObject | undefined): Description {
  if (NOT_YET.has(key)) {
    return { code: 'DB026', message: `"${key}" is not supported yet` };
  }
  const known = isJsonObject(place?.['properties']) ? Object.keys(place['properties']) : [];
  const near = nearest(key, known);
  return {
    code: 'DB020',
    message: `There is no key "${key}" here`,
    hint:
      guessedKey(key, known) ??
      meant(near) ??
      (known.length > 0 && known.length <= 12 ? `Here may stand ${known.join(', ')}.` : undefined),
  };
}

function wrongType(place: JsonObject, type: unknown, node: Tree | undefined): Description {
  const wanted = (Array.isArray(type) ? type : [type]).map(
    (name) => TYPE_NAMES[String(name)] ?? String(name),
  );
  const format = annotation(place, 'x-format');
  const found = node === undefined ? '' : `, found ${treeKind(node)}`;
  if (format === 'duration') {
    return {
      code: 'DB024',
      message: `This must be a duration${found}`,
      hint: 'Write a number and its unit: 30s, 10m, 1h30m.',
    };
  }
  return { code: 'DB021', message: `This must be ${oneOf(wanted)}${found}` };
}

const TYPE_NAMES: Readonly<Record<string, string>> = {
  string: 'a text',
  number: 'a number',
  integer: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'an object',
  null: 'nothing',
};

function treeKind(node: Tree): string {
  if (node.type === 'list') return 'a list';
  if (node.type === 'map') return 'an object';
  if (node.empty || node.value === null) return 'nothing';
  const kinds: Partial<Record<string, string>> = { string: 'a text', boolean: 'true or false' };
  return kinds[typeof node.value] ?? 'a number';
}

function oneOf(names: readonly string[]): string {
  const last = names.at(-1) ?? '';
  return names.length < 2 ? last : `${names.slice(0, -1).join(', ')} or ${last}`;
}
