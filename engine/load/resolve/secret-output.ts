import type { JsonObject } from '../../base/json.ts';
import { isJsonObject } from '../../base/json.ts';
import { hasTemplate } from '../../expression/template.ts';
import { secretReference } from '../../model/handle.ts';
import type { Playbook, SecretOutput } from '../../model/playbook.ts';
import { breakingSteps, placedSteps } from '../../model/walk.ts';
import { nearest } from '../../source/nearest.ts';
import type { Span } from '../../source/file.ts';
import { meant } from '../report.ts';
import { annotation, closedMembers, memberOf } from '../schemas/shape.ts';
import { booleanOf } from './tree-values.ts';
import { entries, items, member, stringOf, toJson } from '../syntax/tree.ts';
import type { Tree, TreeScalar } from '../syntax/tree.ts';
import type { Unit } from './unit.ts';

/**
 * What of a step's output is secret: what its author names, whatever is made of the same text (a body and
 * the JSON in it), and the answers to questions of type `secret`. `output`: as the schema of the kind has it.
 */
export function secretOutputOf(step: Tree, output: JsonObject | undefined): readonly SecretOutput[] {
  const written = writtenPaths(step);
  const derived = written.flatMap(({ path, keep }) =>
    sameText(path, output).map((other) => ({ path: other, keep })),
  );
  const all = [...written, ...derived, ...secretAnswers(step, output)];
  const paths = [...new Set(all.map(({ path }) => path))];
  return paths.map((path) => ({ path, keep: all.some((each) => each.path === path && each.keep) }));
}

/** As a list of paths, or as an object that says what becomes of each. */
function writtenPaths(step: Tree): readonly (SecretOutput & { readonly span: Span })[] {
  const tree = member(step, 'secretOutput');
  return [
    ...items(tree).map((item) => ({ path: stringOf(item) ?? '', keep: false, span: item.span })),
    ...entries(tree).map(({ key, keySpan, value }) => ({
      path: key,
      keep: stringOf(value) === 'keep',
      span: keySpan,
    })),
  ];
}

/** The other members that are made of the text of this one. */
function sameText(path: string, output: JsonObject | undefined): readonly string[] {
  const head = headOf(path);
  const origin = (name: string): string => {
    const found = memberOf(output, name);
    const text = found === undefined ? undefined : annotation(found, 'x-text-of');
    return typeof text === 'string' ? text : name;
  };
  const all = isJsonObject(output?.['properties']) ? Object.keys(output['properties']) : [];
  return all.filter((name) => name !== head && origin(name) === origin(head));
}

/** Where the output has the members of an argument, its questions are there. */
function secretAnswers(step: Tree, output: JsonObject | undefined): readonly SecretOutput[] {
  const argument = output === undefined ? undefined : annotation(output, 'x-members-of');
  if (typeof argument !== 'string') return [];
  return entries(member(member(step, 'with'), argument)).flatMap(({ key, value }) =>
    stringOf(member(value, 'type')) === 'secret'
      ? [{ path: key, keep: booleanOf(member(value, 'keep')) === true }]
      : [],
  );
}

/** The schema of an output in which these paths are marked as secret. */
export function withSecrets(
  output: JsonObject | undefined,
  secrets: readonly SecretOutput[],
): JsonObject | undefined {
  return secrets.reduce<JsonObject | undefined>(
    (schema, { path }) => marked(schema ?? {}, path.split('.')),
    output,
  );
}

function marked(schema: JsonObject, [head, ...rest]: readonly string[]): JsonObject {
  if (head === undefined) return { ...schema, 'x-secret': true };
  const properties = isJsonObject(schema['properties']) ? schema['properties'] : {};
  const inside = memberOf(schema, head) ?? {};
  return { ...schema, properties: { ...properties, [head]: marked(inside, rest) } };
}

/** A path that leads nowhere would leave a secret where everybody sees it. */
export function checkSecretOutput(step: Tree, output: JsonObject | undefined, unit: Unit): void {
  for (const { path, span } of writtenPaths(step)) {
    const names = path.split('.');
    let at = output;
    for (const name of names) {
      const known = at === undefined ? undefined : closedMembers(at);
      if (known !== undefined && !known.includes(name)) {
        unit.report.error('DB043', span, `The output has no "${name}", so nothing of it would be secret`, {
          hint: meant(nearest(name, known)) ?? `It has ${known.join(', ')}.`,
        });
        break;
      }
      at = memberOf(at, name);
    }
  }
}

const headOf = (path: string): string => path.split('.')[0] ?? path;

/** Whoever can read the playbook, and the journal of each of its runs, could read these. */
export function checkWrittenDefaults(step: Tree, output: JsonObject | undefined, unit: Unit): void {
  const questions = member(member(step, 'with'), 'inputs');
  for (const { path } of secretAnswers(step, output))
    refuseWritten(member(member(questions, path), 'default'), unit);
}

/** The same of what a rehearsal answers to steps that have, or ask for, something secret. */
export function checkWrittenAnswers(playbook: Playbook, unit: Unit): void {
  const answers = entries(member(unit.tree, 'rehearsals')).flatMap(({ value: rehearsal }) => [
    ...entries(member(rehearsal, 'answers')),
    ...items(member(rehearsal, 'injects')).flatMap((inject) => entries(member(inject, 'answer'))),
  ]);
  if (answers.length === 0) return;
  const secrets = secretsById(playbook);
  for (const { key, value } of answers) {
    for (const secretOutput of secrets.get(key) ?? []) checkWrittenAnswer(value, secretOutput, unit);
  }
}

/** What is secret of the steps of each id: those of called playbooks may have the same. */
function secretsById(playbook: Playbook): ReadonlyMap<string, readonly (readonly SecretOutput[])[]> {
  const found = new Map<string, (readonly SecretOutput[])[]>();
  const steps = [playbook, ...breakingSteps(playbook)].flatMap((each) => [...placedSteps(each)]);
  for (const { node } of steps) {
    if (node.type !== 'step' || node.secretOutput.length === 0) continue;
    const before = found.get(node.id);
    if (before === undefined) found.set(node.id, [node.secretOutput]);
    else before.push(node.secretOutput);
  }
  return found;
}

function checkWrittenAnswer(answer: Tree, secrets: readonly SecretOutput[], unit: Unit): void {
  if (isNamed(answer)) return;
  if (answer.type === 'scalar' && !YES.has(answer.value)) refuseWritten(answer, unit);
  const values = member(answer, 'values') ?? answer;
  for (const { path } of secrets) {
    const secret = path.split('.').reduce<Tree | undefined>((at, name) => member(at, name), values);
    refuseWritten(secret, unit);
  }
}

/** Answers to a gate in front of such a step. */
const YES = new Set<TreeScalar['value']>(['go', 'done', 'pay', true]);

function refuseWritten(secret: Tree | undefined, unit: Unit): void {
  if (secret?.type !== 'scalar' || (typeof secret.value === 'string' && hasTemplate(secret.value))) return;
  unit.report.error('DB115', secret.span, 'A secret stands here for everybody to read', {
    hint: 'Say where it lies: { env: NAME }, { file: PATH }, or a secret of the environment.',
  });
}

const isNamed = (tree: Tree): boolean => secretReference(toJson(tree)) !== undefined;
