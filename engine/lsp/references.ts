import { parseExpression } from '../expression/parse.ts';
import type { Reference, Segment } from '../expression/references.ts';
import { splitTemplate } from '../expression/template.ts';
import type { Unit } from '../load/resolve/unit.ts';
import { locate, within } from '../load/syntax/locate.ts';
import { entries, items, member, stringOf } from '../load/syntax/tree.ts';
import type { Tree } from '../load/syntax/tree.ts';
import type { Span } from '../source/file.ts';
import type { Survey, Value } from './survey.ts';

/** A place that names a step. */
export interface StepReference {
  readonly id: string;
  readonly span: Span;
}

/** What expressions ask of steps, and whether all of it can be told. */
export interface Asked {
  readonly references: readonly StepReference[];
  /** A place where a step is asked for by a name that is made as it runs. */
  readonly unclear: Span | undefined;
}

/** Every place of a playbook, or of one of its parts, at which an expression names a step. */
export function referencesIn(survey: Survey, unit: Unit): Asked {
  const references: StepReference[] = [];
  let unclear: Span | undefined;
  for (const value of survey.values.filter((each) => each.unit.symbols === unit.symbols)) {
    for (const { source, at } of expressionsIn(value)) {
      const parsed = parseExpression(source);
      for (const reference of parsed.ok ? parsed.value.references : []) {
        const segment = stepIn(reference);
        if (segment === undefined) continue;
        if (segment === 'unclear') unclear ??= at;
        else
          references.push({ id: String(segment.name), span: within(at, source, segment.start, segment.end) });
      }
    }
  }
  return { references, unclear };
}

/** The segment that is a step's id; undefined where no step is asked for. */
function stepIn({ root, path }: Reference): Segment | 'unclear' | undefined {
  if (root === 'steps') return path[0] ?? 'unclear';
  if (root !== 'previous') return undefined;
  if (path[0] === undefined) return 'unclear';
  return path[0].name === 'steps' ? (path[1] ?? 'unclear') : undefined;
}

function expressionsIn({ tree, bare }: Value): readonly { readonly source: string; readonly at: Span }[] {
  if (bare) {
    const source = String(tree.value).trim();
    return [{ source, at: locate(tree, source, 0) }];
  }
  return splitTemplate(String(tree.value)).flatMap((part) =>
    part.type === 'expression' ? [{ source: part.source, at: locate(tree, part.source, part.start) }] : [],
  );
}

/** Every place at which a step is named outside of expressions and answers. */
export const plainReferences = (unit: Unit): Iterable<StepReference> => [
  ...below(unit.tree),
  ...rehearsalsOf(unit).flatMap((rehearsal) =>
    items(member(rehearsal, 'injects')).flatMap((inject) => [...one(member(inject, 'after'))]),
  ),
];

/** Where rehearsals answer steps by their ids: those of parts and of called playbooks too. */
export const answerReferences = (unit: Unit): readonly StepReference[] =>
  rehearsalsOf(unit).flatMap((rehearsal) => [
    ...answersIn(member(rehearsal, 'answers')),
    ...items(member(rehearsal, 'injects')).flatMap((inject) => [...answersIn(member(inject, 'answer'))]),
  ]);

const rehearsalsOf = (unit: Unit): readonly Tree[] =>
  entries(member(unit.tree, 'rehearsals')).map(({ value }) => value);

function* below(tree: Tree): Generator<StepReference> {
  if (tree.type === 'list') for (const item of tree.items) yield* below(item);
  if (tree.type !== 'map') return;
  for (const { key, value } of tree.entries) {
    // Parts have steps of their own, and rehearsals name steps in a way of their own.
    if (key === 'parts' || key === 'rehearsals') continue;
    if (key === 'settles') for (const item of items(value)) yield* one(item);
    else if (key === 'next') yield* one(value);
    else if (key === 'with' && stringOf(member(tree, 'uses')) === 'pay') yield* one(member(value, 'debt'));
    else yield* below(value);
  }
}

function* one(tree: Tree | undefined): Generator<StepReference> {
  const id = stringOf(tree);
  if (tree !== undefined && id !== undefined) yield { id, span: tree.span };
}

/** Keys such as `restore`, `onFailure/restore`, `tables[general]/load`, `hunt#2/pick`: each name between the slashes. */
function* answersIn(tree: Tree | undefined): Generator<StepReference> {
  for (const { key, keySpan } of entries(tree)) {
    const raw = keySpan.file.text.slice(keySpan.start, keySpan.end);
    const from = raw.indexOf(key);
    if (from === -1) continue;
    for (const match of key.matchAll(/[A-Za-z][A-Za-z0-9]*(?=$|[/[#!])/g)) {
      const before = key[match.index - 1];
      if (before !== undefined && before !== '/') continue;
      const start = keySpan.start + from + match.index;
      yield { id: match[0], span: { file: keySpan.file, start, end: start + match[0].length } };
    }
  }
}

/** The step that is named at a place outside of an expression, its own `id` included. */
export function plainReferenceAt(unit: Unit, offset: number): StepReference | undefined {
  const holds = ({ span }: StepReference): boolean => span.start <= offset && offset <= span.end;
  for (const symbol of unit.symbols.byId.values()) {
    if (symbol.named && holds(symbol)) return { id: symbol.id, span: symbol.span };
  }
  for (const reference of [...plainReferences(unit), ...answerReferences(unit)]) {
    if (holds(reference) && unit.symbols.byId.has(reference.id)) return reference;
  }
  return undefined;
}
