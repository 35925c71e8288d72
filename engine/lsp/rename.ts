import { basename } from 'node:path';
import { ErrorCodes, ResponseError } from 'vscode-languageserver/node';
import type { Range, TextEdit, WorkspaceEdit } from 'vscode-languageserver';
import { TextDocument } from 'vscode-languageserver-textdocument';
import { count } from '../base/human.ts';
import type { Unit } from '../load/resolve/unit.ts';
import type { Playbook } from '../model/playbook.ts';
import { placedSteps } from '../model/walk.ts';
import type { Diagnostic } from '../source/diagnostic.ts';
import type { Span } from '../source/file.ts';
import { chainAt } from './chain.ts';
import { expressionAt } from './expression-at.ts';
import { uriOf } from './files.ts';
import { documentOf, rangeOf, textOf } from './places.ts';
import type { Place } from './places.ts';
import { answerReferences, plainReferenceAt, plainReferences, referencesIn } from './references.ts';
import type { StepReference } from './references.ts';
import type { Survey } from './survey.ts';
import type { Workspace } from './workspace.ts';

/** The id of a step that stands at a place. */
interface Found {
  readonly id: string;
  readonly span: Span;
  readonly unit: Unit;
  readonly survey: Survey;
}

/** What would be renamed; undefined where no step is named. */
export async function prepareRename(
  workspace: Workspace,
  path: string,
  offset: number,
): Promise<{ readonly range: Range; readonly placeholder: string }> {
  const { id, span } = await stepNamedAt(workspace, { path, offset });
  return { range: rangeOf(span), placeholder: id };
}

/** All places that name a step, with another name; refused where it cannot be told whether these are all. */
export async function rename(workspace: Workspace, place: Place, name: string): Promise<WorkspaceEdit> {
  const found = await stepNamedAt(workspace, place);
  const edits = editsFor(found, name);
  const text = TextDocument.applyEdits(documentOf(found.survey.file), [...edits]);
  for (const path of [place.path, ...workspace.dependentsOf(place.path)]) {
    const before = await workspace.diagnosticsOf(path);
    const worse = firstNew(before, await workspace.wouldSay(path, place.path, text));
    if (worse === undefined) continue;
    const where = path === place.path ? '' : ` in ${basename(path)}`;
    throw refused(`"${found.id}" cannot become "${name}"${where}: ${worse.message} (${worse.code})`);
  }
  return { changes: { [uriOf(place.path)]: [...edits] } };
}

async function stepNamedAt(workspace: Workspace, { path, offset }: Place): Promise<Found> {
  const found = await workspace.surveyOf(path);
  const file = workspace.read(path);
  if (found === undefined || !file.ok) throw refused('This is no playbook that could be read');
  if (found.isStale) throw refused('Mend first what keeps this file from being read as YAML');
  const { survey } = found;
  const expression = expressionAt(file.value.text, offset, found);
  const unit = expression?.unit ?? survey.unitAt(offset);
  const named =
    unit === undefined
      ? undefined
      : expression === undefined
        ? plainReferenceAt(unit, offset)
        : inExpression(expression.source, expression.start, offset, survey);
  if (unit === undefined || named === undefined || !unit.symbols.byId.has(named.id)) {
    throw refused('Only the id of a step can be renamed');
  }
  return { ...named, unit, survey };
}

function inExpression(
  source: string,
  start: number,
  offset: number,
  { file }: Survey,
): { readonly id: string; readonly span: Span } | undefined {
  const names = chainAt(source, offset - start)?.names ?? [];
  const root = names[0]?.text === 'previous' ? names.slice(1) : names;
  const last = root[1];
  if (root.length !== 2 || root[0]?.text !== 'steps' || last === undefined) return undefined;
  return { id: last.text, span: { file, start: start + last.start, end: start + last.end } };
}

function editsFor({ id, unit, survey }: Found, name: string): readonly TextEdit[] {
  const own = [...unit.symbols.byTree.values()].filter((symbol) => symbol.named && symbol.id === id);
  if (own.length !== 1)
    throw refused(`${count(own.length, 'step')} are called "${id}": give each its own id first`);
  const { references, unclear } = referencesIn(survey, unit);
  if (unclear !== undefined) {
    throw refused(
      `Line ${lineOf(unclear)} asks for a step by a name that is made as it runs: whether "${id}" is meant cannot be told`,
    );
  }
  const named = [...own, ...references, ...plainReferences(unit)].filter((each) => each.id === id);
  const all = [...named, ...answersTo(id, unit, survey)];
  return all.map(({ span }) => ({ range: rangeOf(placeOf(span, id)), newText: name }));
}

/** Answers of rehearsals name steps of parts and of called playbooks as well: only one may be called so. */
function answersTo(id: string, unit: Unit, survey: Survey): readonly StepReference[] {
  const answers = survey.units.flatMap(answerReferences).filter((each) => each.id === id);
  const [first] = answers;
  if (first === undefined) return [];
  const elsewhere =
    survey.units.some((other) => other.symbols !== unit.symbols && other.symbols.byId.has(id)) ||
    [...unit.calls.values()].some((called) => called !== undefined && hasStep(called, id));
  if (!elsewhere) return answers;
  throw refused(
    `Line ${lineOf(first.span)} answers "${id}", and a part or a called playbook has a step of that name too: which one is meant cannot be told`,
  );
}

const hasStep = (playbook: Playbook, id: string): boolean =>
  [...placedSteps(playbook)].some(({ node }) => node.id === id);

/** The name itself, without quotes around it. */
function placeOf(span: Span, id: string): Span {
  const text = textOf(span);
  if (text === id) return span;
  const inner = { ...span, start: span.start + 1, end: span.end - 1 };
  if (/^["']/.test(text) && textOf(inner) === id) return inner;
  throw refused(
    `Line ${lineOf(span)} names "${id}" in a text that is folded or escaped: its place there cannot be told`,
  );
}

const lineOf = ({ file, start }: Span): string => String(file.position(start).line);

/** What is said after a change and was not before. */
function firstNew(before: readonly Diagnostic[], after: readonly Diagnostic[]): Diagnostic | undefined {
  const known = new Map<string, number>();
  for (const { code } of before) known.set(code, (known.get(code) ?? 0) + 1);
  return after.find(({ code }) => {
    const left = known.get(code) ?? 0;
    known.set(code, left - 1);
    return left === 0;
  });
}

const refused = (why: string): ResponseError => new ResponseError(ErrorCodes.InvalidRequest, why);
