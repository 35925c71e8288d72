import { statSync } from 'node:fs';
import { basename, dirname, resolve } from 'node:path';
import { isJsonObject } from '../base/json.ts';
import type { Json, JsonObject } from '../base/json.ts';
import { lackOfPostgres, OLDEST_POSTGRES } from '../base/postgres-here.ts';
import type { PartPlan, WorldPlan } from '../model/world.ts';
import type { SourceFile } from '../source/file.ts';
import { nearest } from '../source/nearest.ts';
import { checkApplication } from './application.ts';
import { checkAwsCallers } from './aws-callers.ts';
import { checkFormats } from './formats.ts';
import type { Loaded } from './playbook.ts';
import { checkPublicName } from './public-name.ts';
import { Report, meant } from './report.ts';
import { annotation, memberOf } from './schemas/shape.ts';
import { fileSchema, kindNames, partSchema } from './stepschema.ts';
import type { PartSchema } from './stepschema.ts';
import { entries, entry, member, stringOf, toJson } from './syntax/tree.ts';
import type { Tree, TreeEntry } from './syntax/tree.ts';
import { parseYaml } from './syntax/yaml.ts';
import { reportProblems } from './validate.ts';
import { inOrder } from './world-order.ts';
import { environmentValue, partValue } from './world-values.ts';
import { checkKnown } from './world-names.ts';
import type { KnownParts } from './world-names.ts';

/** Reads a world. What its parts name on this machine is looked for now: a drill must not find out half-way. */
export function loadWorld(file: SourceFile): Loaded<WorldPlan> {
  const report = new Report();
  const tree = parseYaml(file, report);
  if (tree === undefined) return { value: undefined, diagnostics: report.diagnostics, sources: [file] };
  const { schema, validate } = fileSchema('world');
  reportProblems(validate(toJson(tree)), tree, schema, report);
  checkFormats(tree, schema, report);
  checkOwnName(tree, file, report);
  const plan = build(tree, resolve(dirname(file.path)), report);
  return { value: report.failed ? undefined : plan, diagnostics: report.diagnostics, sources: [file] };
}

/** A drill asks for the file by its name, and its report says the name that stands in it. */
function checkOwnName(tree: Tree, file: SourceFile, report: Report): void {
  const name = member(tree, 'name');
  const written = stringOf(name);
  const known = basename(file.path).replace(/\.ya?ml$/, '');
  if (name === undefined || written === undefined || written === known) return;
  report.error('DB214', name.span, `This world is called "${written}", and its file "${known}"`, {
    hint: `Write name: ${known}, or give the file the name ${written}.yaml.`,
  });
}

function build(tree: Tree, folder: string, report: Report): WorldPlan {
  const all = entries(member(tree, 'parts'));
  const parts: KnownParts = new Map(all.map(({ key, value }) => [key, kindOf(value, report)]));
  const plans = all.map((part) => partPlan(part, parts, folder, report));
  const title = stringOf(member(tree, 'title'));
  return {
    name: stringOf(member(tree, 'name')) ?? '',
    ...(title !== undefined && { title }),
    ...(isTrue(member(tree, 'default')) && { isDefault: true }),
    folder,
    parts: inOrder(plans, all, report),
    environment: environmentOf(entry(tree, 'environment'), tree, parts, report),
  };
}

const isTrue = (tree: Tree | undefined): boolean => tree !== undefined && toJson(tree) === true;

/** Undefined, and reported, for a kind that there is not. */
function kindOf(part: Tree, report: Report): PartSchema | undefined {
  const uses = member(part, 'uses');
  const name = stringOf(uses);
  if (uses === undefined || name === undefined) return undefined;
  const kind = partSchema(name);
  if (kind === undefined) {
    const names = kindNames('parts');
    report.error('DB206', uses.span, `There is no part of the kind "${name}"`, {
      hint: meant(nearest(name, names)) ?? `There are ${names.join(', ')}.`,
    });
  }
  return kind === undefined ? undefined : withKeys(kind, part);
}

/**
 * What a part gives by names of its own, such as the units of a host, it gives by those that are written; and what it
 * has where it is told to, only there.
 */
function withKeys(kind: PartSchema, part: Tree): PartSchema {
  const { output } = kind;
  if (output === undefined || !isJsonObject(output['properties'])) return kind;
  const given = member(part, 'with');
  const there = Object.entries(output['properties']).filter(([, schema]) => {
    const where = isJsonObject(schema) ? annotation(schema, 'x-where') : undefined;
    return typeof where !== 'string' || member(given, where) !== undefined;
  });
  const properties = there.map(([name, schema]): [string, Json] => {
    const from = isJsonObject(schema) ? annotation(schema, 'x-keys-of') : undefined;
    if (!isJsonObject(schema) || typeof from !== 'string') return [name, schema];
    const keys = entries(member(given, from)).map(({ key }) => key);
    const each = schema['additionalProperties'] ?? {};
    const known = Object.fromEntries(keys.map((key) => [key, each]));
    return [name, { ...schema, properties: known, additionalProperties: false }];
  });
  return { ...kind, output: { ...output, properties: Object.fromEntries(properties) } };
}

function partPlan(
  { key, keySpan, value }: TreeEntry,
  parts: KnownParts,
  folder: string,
  report: Report,
): PartPlan {
  const kind = parts.get(key);
  const given = member(value, 'with') ?? { type: 'map', entries: [], span: keySpan, flow: false };
  if (kind !== undefined) {
    reportProblems(kind.validate(toJson(given)), given, kind.with, report, {
      owner: keySpan,
      templates: true,
    });
    checkFormats(given, kind.with, report);
    checkPlaces(given, kind.with, folder, report);
  }
  const postgres = kind === undefined ? undefined : postgresOf(given, kind.with, report);
  return {
    id: key,
    uses: stringOf(member(value, 'uses')) ?? '',
    // Of a kind that there is not nobody knows what may stand in it.
    with:
      kind === undefined
        ? { type: 'literal', value: {} }
        : partValue(given, kind.with, { parts, report, hasDisk: member(given, 'disk') !== undefined }),
    ...needsOf(member(value, 'needs'), parts, report),
    ...faultsOf(kind, given),
    ...(postgres !== undefined && { postgres }),
  };
}

/** The parts that one waits for without naming them; one that there is not is reported. */
function needsOf(written: Tree | undefined, parts: KnownParts, report: Report): Pick<PartPlan, 'needs'> {
  if (written?.type !== 'list') return {};
  const needs = written.items.flatMap((item) => {
    const id = stringOf(item);
    if (id === undefined) return [];
    return checkKnown(id, item.span, { parts, report }) ? [id] : [];
  });
  return { needs };
}

/** What breaks a part: some faults only where it has something of its own that can be broken. */
function faultsOf(kind: PartSchema | undefined, given: Tree): Pick<PartPlan, 'faults' | 'faultsWith'> {
  const properties = isJsonObject(kind?.with['properties']) ? kind.with['properties'] : {};
  const faultsWith = Object.fromEntries(
    Object.entries(properties).flatMap(([name, schema]) => {
      const fault = isJsonObject(schema) ? annotation(schema, 'x-fault') : undefined;
      const found = member(given, name);
      const isGiven = found !== undefined && toJson(found) !== false;
      return typeof fault !== 'string' || isGiven ? [] : [[fault, name] as const];
    }),
  );
  const faults = (kind?.faults ?? []).filter((fault) => !Object.hasOwn(faultsWith, fault));
  return { faults, faultsWith };
}

/** The version of PostgreSQL that a part names. A warning where it is not here: the world may be for another machine. */
function postgresOf(given: Tree, schema: JsonObject, report: Report): number | undefined {
  for (const { key, value } of entries(given)) {
    const known = memberOf(schema, key);
    if (known === undefined || annotation(known, 'x-format') !== 'postgres') continue;
    const major = Number(toJson(value));
    // What is no version that could be here is told by the schema.
    if (!Number.isInteger(major) || major < OLDEST_POSTGRES) return undefined;
    const lack = lackOfPostgres(major);
    if (lack !== undefined) report.warning('DB219', value.span, lack.what, { hint: lack.hint });
    return major;
  }
  return undefined;
}

/** Files and folders that a part names are there. */
function checkPlaces(given: Tree, schema: JsonObject | undefined, folder: string, report: Report): void {
  for (const { key, value } of entries(given)) {
    const known = memberOf(schema, key);
    checkPlaces(value, known, folder, report);
    const wanted = known === undefined ? undefined : annotation(known, 'x-format');
    const path = stringOf(value);
    if ((wanted !== 'file' && wanted !== 'folder') || path === undefined) continue;
    const found = statSync(resolve(folder, path), { throwIfNoEntry: false });
    if (wanted === 'file' ? found?.isFile() : found?.isDirectory()) continue;
    report.error('DB212', value.span, `There is no ${wanted} ${path}`, {
      hint: `It is looked for from the folder of this file: ${resolve(folder, path)}.`,
    });
  }
}

/** What a world says of itself, or cannot have: nothing of another environment may be read where everything breaks. */
const NOT_OF_A_WORLD: Readonly<Record<string, string>> = {
  version: 'the world gives it',
  name: 'the world gives it: sandbox',
  kind: 'the world gives it: sandbox',
  sources: 'a world reads from no other environment',
};

function environmentOf(
  found: TreeEntry | undefined,
  whole: Tree,
  parts: KnownParts,
  report: Report,
): WorldPlan['environment'] {
  const tree: Tree = found?.value ?? { type: 'map', entries: [], span: whole.span, flow: false };
  for (const { key, keySpan } of entries(tree)) {
    const why = Object.hasOwn(NOT_OF_A_WORLD, key) ? NOT_OF_A_WORLD[key] : undefined;
    if (why === undefined) continue;
    report.error('DB211', keySpan, `"${key}" does not stand in the environment of a world: ${why}`, {
      hint: 'Leave it out.',
    });
  }
  const { schema, validate } = fileSchema('environment');
  const json = toJson(tree);
  const problems = validate({
    ...(isJsonObject(json) && json),
    ...{ version: 1, name: 'sandbox', kind: 'sandbox' },
  });
  reportProblems(problems, tree, schema, report, {
    ...(found !== undefined && { owner: found.keySpan }),
    templates: true,
  });
  checkAwsCallers(tree, report);
  checkApplication(tree, report);
  checkPublicName(tree, report);
  return environmentValue(tree, schema, { parts, report });
}
