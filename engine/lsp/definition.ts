import type { Location } from 'vscode-languageserver';
import { entry, member } from '../load/syntax/tree.ts';
import type { Span } from '../source/file.ts';
import { chainAt } from './chain.ts';
import { environmentsIn, entryAt } from './environments.ts';
import { expressionAt } from './expression-at.ts';
import type { ExpressionAt } from './expression-at.ts';
import { folderOf, uriOf } from './files.ts';
import { locationOf } from './places.ts';
import { plainReferenceAt } from './references.ts';
import type { Workspace } from './workspace.ts';
import { yamlPlace } from './yaml-path.ts';

/** Where that is written which is named at a place: a step, a part, an input, a value, a target, a playbook. */
export async function definitionsAt(
  workspace: Workspace,
  path: string,
  offset: number,
): Promise<readonly Location[]> {
  const file = workspace.read(path);
  if (!file.ok) return [];
  const { text } = file.value;
  const found = await workspace.surveyOf(path);
  const expression = expressionAt(text, offset, found);
  if (expression !== undefined) {
    const names = chainAt(expression.source, offset - expression.start)?.names.map((name) => name.text) ?? [];
    return spansOf(names, expression, workspace, folderOf(path)).map(locationOf);
  }
  const unit = found?.survey.unitAt(offset);
  const step = unit === undefined ? undefined : plainReferenceAt(unit, offset);
  if (unit !== undefined && step !== undefined) {
    const symbol = unit.symbols.byId.get(step.id);
    return symbol === undefined ? [] : [locationOf(symbol.span)];
  }
  return calledAt(workspace, path, text, offset);
}

function spansOf(
  [root, ...path]: readonly string[],
  { unit }: ExpressionAt,
  workspace: Workspace,
  folder: string,
): readonly Span[] {
  const [first = '', second = ''] = path;
  const step = (id: string): readonly Span[] => {
    const symbol = unit?.symbols.byId.get(id);
    return symbol === undefined ? [] : [symbol.span];
  };
  const key = (where: string): readonly Span[] => {
    const found = entry(member(unit?.tree, where), first);
    return found === undefined ? [] : [found.keySpan];
  };
  switch (root) {
    case 'steps':
      return step(first);
    case 'previous':
      return first === 'steps' ? step(second) : [];
    case 'inputs':
      return key('inputs');
    case 'vars':
      return key('let');
    case 'env':
      return targets(path, workspace, folder);
    default:
      return [];
  }
}

const targets = (path: readonly string[], workspace: Workspace, folder: string): readonly Span[] =>
  environmentsIn(folder, workspace.read).flatMap(({ tree }) => {
    const found = entryAt(tree, path);
    return found === undefined ? [] : [found.keySpan];
  });

/** A playbook or a part that is called, and what `needs` names. */
async function calledAt(
  workspace: Workspace,
  path: string,
  text: string,
  offset: number,
): Promise<readonly Location[]> {
  const place = yamlPlace(text, offset);
  const name = wordAt(text, offset);
  if (place === undefined || name === undefined) return [];
  const { key, path: around } = place;
  const isArgument = around.at(-1) === 'with' || isInFlow(text, offset);
  if ((key === 'part' || isInFlowOf('part', text, offset)) && isArgument) {
    const found = entry(member((await workspace.surveyOf(path))?.survey.main?.tree, 'parts'), name);
    return found === undefined ? [] : [locationOf(found.keySpan)];
  }
  if (key === 'playbook' || isInFlowOf('playbook', text, offset)) {
    const file = await workspace.engine.find(name, folderOf(path), workspace.read);
    const top = { line: 0, character: 0 };
    return file === undefined ? [] : [{ uri: uriOf(file.path), range: { start: top, end: top } }];
  }
  if (around[0] !== 'needs' && key !== 'needs') return [];
  return targets(name.split('.'), workspace, folderOf(path)).map(locationOf);
}

const before = (text: string, offset: number): string =>
  text.slice(text.lastIndexOf('\n', offset - 1) + 1, offset);

const isInFlow = (text: string, offset: number): boolean => before(text, offset).includes('{');

/** `with: { part: name }`. */
const isInFlowOf = (key: string, text: string, offset: number): boolean =>
  new RegExp(`[{,]\\s*${key}:\\s*["']?[\\w.-]*$`).test(before(text, offset));

/** The name around a place. */
function wordAt(text: string, offset: number): string | undefined {
  const head = /[\w.-]*$/.exec(text.slice(Math.max(0, offset - 200), offset))?.[0] ?? '';
  const tail = /^[\w.-]*/.exec(text.slice(offset, offset + 200))?.[0] ?? '';
  const word = head + tail;
  return word === '' ? undefined : word;
}
