import { CompletionItemKind, MarkupKind } from 'vscode-languageserver/node';
import type { CompletionItem } from 'vscode-languageserver';
import type { JsonObject } from '../base/json.ts';
import { expressionAt } from './expression-at.ts';
import type { ExpressionAt } from './expression-at.ts';
import { environmentsIn } from './environments.ts';
import { folderOf } from './files.ts';
import { PLAYBOOK } from './handbook.ts';
import type { FunctionEntry } from './handbook.ts';
import { typedBefore } from './chain.ts';
import { keysOf, schemasAt, valuesOf } from './keys.ts';
import { membersOf } from './members.ts';
import type { Knowing, Member } from './members.ts';
import type { Workspace } from './workspace.ts';
import { yamlPlace } from './yaml-path.ts';
import type { YamlPlace } from './yaml-path.ts';

/** What may be written at a place of a file. */
export async function completionsAt(
  workspace: Workspace,
  path: string,
  offset: number,
): Promise<readonly CompletionItem[]> {
  const file = workspace.read(path);
  if (!file.ok) return [];
  const { text } = file.value;
  const expression = expressionAt(text, offset, await workspace.surveyOf(path));
  const folder = folderOf(path);
  if (expression !== undefined) {
    const knowing = {
      environments: environmentsIn(folder, workspace.read),
      handbook: workspace.handbook,
    };
    return inExpression(text.slice(expression.start, offset), expression, knowing);
  }
  const place = yamlPlace(text, offset);
  if (place === undefined) return [];
  return place.value === undefined ? keysAt(path, place, workspace) : valuesAt(path, place, workspace);
}

function inExpression(before: string, at: ExpressionAt, knowing: Knowing): readonly CompletionItem[] {
  if (isInText(before)) return [];
  const { names, afterValue } = typedBefore(before);
  const functions = [...knowing.handbook.functions.values()];
  const methods = functions.filter(({ isMethod }) => isMethod).map(functionItem);
  if (afterValue) return methods;
  const members = membersOf(names, at, knowing);
  if (members === undefined || (members.length === 0 && names.length > 0)) return methods;
  const items = members.map(memberItem);
  if (names.length > 0) return items;
  return [...items, ...functions.filter(({ isMethod }) => !isMethod).map(functionItem)];
}

/** An odd number of quotes stands before. */
const isInText = (before: string): boolean =>
  (before.replaceAll(/\\./g, '').match(/"/g)?.length ?? 0) % 2 === 1;

const memberItem = ({ name, detail, about }: Member): CompletionItem => ({
  label: name,
  kind: CompletionItemKind.Field,
  ...(detail !== undefined && { detail }),
  ...(about !== undefined && { documentation: about }),
  // Names of the playbook before functions.
  sortText: `0${name}`,
});

const functionItem = ({ name, isMethod, example, gives, note }: FunctionEntry): CompletionItem => ({
  label: name,
  kind: isMethod ? CompletionItemKind.Method : CompletionItemKind.Function,
  detail: `${example} → ${gives}`,
  ...(note !== '' && { documentation: { kind: MarkupKind.Markdown, value: note } }),
  sortText: `1${name}`,
});

/** The schema of a file, by where it lies. */
export function schemaNameOf(path: string): string | undefined {
  const [, folder = '', name = ''] = /([^/\\]*)[/\\]([^/\\]*)$/.exec(path) ?? [];
  if (folder === 'environments') return 'environment.schema.json';
  if (folder === 'worlds') return 'world.bundle.schema.json';
  if (folder === 'backups') return 'backup.schema.json';
  const whole = /^(schedule|monitors)\.ya?ml$/.exec(name)?.[1];
  return whole === undefined ? PLAYBOOK : `${whole}.schema.json`;
}

/** The schemas of the object around a place, and the whole that they are part of. */
export function schemasAround(
  path: string,
  place: YamlPlace,
  workspace: Workspace,
): { readonly root: JsonObject; readonly schemas: readonly JsonObject[] } {
  const root = workspace.handbook.schema(schemaNameOf(path) ?? PLAYBOOK);
  const schemas = schemasAt(root, place.path, (depth) => place.levels[depth] ?? new Map());
  return { root, schemas };
}

function keysAt(path: string, place: YamlPlace, workspace: Workspace): readonly CompletionItem[] {
  const { root, schemas } = schemasAround(path, place, workspace);
  const beside = place.levels.at(-1) ?? new Map<string, string>();
  return keysOf(schemas, root, beside)
    .filter(({ name }) => !beside.has(name))
    .map(({ name, schema }) => ({
      label: name,
      kind: CompletionItemKind.Property,
      insertText: `${name}: `,
      ...documented(schema),
    }));
}

function valuesAt(path: string, place: YamlPlace, workspace: Workspace): readonly CompletionItem[] {
  const { key = '' } = place;
  const called = callableAt(path, key, place, workspace);
  if (called !== undefined) {
    return called.map((label) => ({ label, kind: CompletionItemKind.Reference }));
  }
  const { root, schemas } = schemasAround(path, { ...place, path: [...place.path, key] }, workspace);
  return valuesOf(schemas, root).map((schema) => ({
    label: JSON.stringify(schema['const']).replace(/^"(.*)"$/, '$1'),
    kind: key === 'uses' ? CompletionItemKind.Class : CompletionItemKind.EnumMember,
    ...documented(schema),
  }));
}

/** The names of what a step calls. */
function callableAt(
  path: string,
  key: string,
  place: YamlPlace,
  workspace: Workspace,
): readonly string[] | undefined {
  const uses = place.levels.at(-2)?.get('uses');
  if (uses !== key || place.path.at(-1) !== 'with') return undefined;
  if (key === 'playbook') return workspace.engine.callable(folderOf(path));
  return key === 'part' ? workspace.lastPartsOf(path) : undefined;
}

function documented(schema: JsonObject): Pick<CompletionItem, 'documentation'> {
  const { markdownDescription: markdown, description } = schema;
  if (typeof markdown === 'string') return { documentation: { kind: MarkupKind.Markdown, value: markdown } };
  return typeof description === 'string' ? { documentation: description } : {};
}
