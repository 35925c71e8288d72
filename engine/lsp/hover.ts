import { MarkupKind } from 'vscode-languageserver/node';
import type { Hover } from 'vscode-languageserver';
import type { JsonObject } from '../base/json.ts';
import { stringOf, member } from '../load/syntax/tree.ts';
import { chainAt } from './chain.ts';
import type { Chain } from './chain.ts';
import { schemasAround } from './completion.ts';
import { entryAt, environmentsIn } from './environments.ts';
import { expressionAt } from './expression-at.ts';
import type { ExpressionAt } from './expression-at.ts';
import { folderOf } from './files.ts';
import type { FunctionEntry } from './handbook.ts';
import { keysOf } from './keys.ts';
import { membersOf } from './members.ts';
import type { Knowing } from './members.ts';
import { treeOf } from './survey.ts';
import type { Workspace } from './workspace.ts';
import { yamlPlace } from './yaml-path.ts';

/** What is to be said of what stands at a place; undefined where nothing is. */
export async function hoverAt(
  workspace: Workspace,
  path: string,
  offset: number,
): Promise<Hover | undefined> {
  const file = workspace.read(path);
  if (!file.ok) return undefined;
  const { text } = file.value;
  const at = expressionAt(text, offset, await workspace.surveyOf(path));
  const folder = folderOf(path);
  const words =
    at === undefined
      ? aboutKey(text, path, offset, workspace)
      : aboutName(chainAt(at.source, offset - at.start), at, {
          environments: environmentsIn(folder, workspace.read),
          handbook: workspace.handbook,
        });
  return words === undefined ? undefined : { contents: { kind: MarkupKind.Markdown, value: words } };
}

function aboutName(chain: Chain | undefined, at: ExpressionAt, knowing: Knowing): string | undefined {
  if (chain === undefined) return undefined;
  const names = chain.names.map(({ text }) => text);
  const last = names.at(-1) ?? '';
  if (chain.isCall) return aboutFunction(knowing.handbook.functions.get(last));
  if (names[0] === 'steps' && names.length === 2) return aboutStep(last, at, knowing);
  if (names[0] === 'env' && names.length > 1) return aboutTarget(names.slice(1), knowing);
  const found = membersOf(names.slice(0, -1), at, knowing)?.find(({ name }) => name === last);
  if (found === undefined) return undefined;
  return said([
    `**${names.join('.')}**${found.detail === undefined ? '' : `: ${found.detail}`}`,
    found.about,
  ]);
}

function aboutFunction(found: FunctionEntry | undefined): string | undefined {
  if (found === undefined) return undefined;
  const example = block('cel', `${found.example}  // ${found.gives}`);
  return said([`**${found.name}**`, example, found.note]);
}

function aboutStep(id: string, { unit }: ExpressionAt, { handbook }: Knowing): string | undefined {
  const symbol = unit?.symbols.byId.get(id);
  if (unit === undefined || symbol === undefined) return undefined;
  const tree = treeOf(unit, symbol);
  const uses = stringOf(member(tree, 'uses'));
  const kind = uses === undefined ? undefined : handbook.kinds.get(uses)?.['description'];
  return said([
    `**steps.${id}**${uses === undefined ? '' : `: ${uses}`}`,
    stringOf(member(tree, 'title')),
    stringOf(member(tree, 'why')),
    typeof kind === 'string' ? `*${kind}*` : undefined,
  ]);
}

/** Lines of an entry that are shown; the file has the rest. */
const MOST_LINES = 20;

/** What stands there in each environment: a secret is a reference in the file, and is not read. */
function aboutTarget(path: readonly string[], { environments }: Knowing): string | undefined {
  const found = environments.flatMap(({ name, tree }) => {
    const entry = entryAt(tree, path);
    if (entry === undefined) return [];
    const { file } = entry.keySpan;
    const start = entry.keySpan.start - file.position(entry.keySpan.start).column + 1;
    const lines = file.text.slice(start, entry.value.span.end).trimEnd().split('\n');
    const shown = lines.length > MOST_LINES ? [...lines.slice(0, MOST_LINES), '…'] : lines;
    return [`In **${name}**:`, block('yaml', shown.join('\n'))];
  });
  return found.length === 0
    ? `No environment beside this playbook has \`${path.join('.')}\`.`
    : said([`**env.${path.join('.')}**`, ...found]);
}

/** What a key is for, or the kind that is its value. */
function aboutKey(text: string, path: string, offset: number, workspace: Workspace): string | undefined {
  const place = yamlPlace(text, offset);
  if (place?.key === undefined) return undefined;
  if (place.key === 'uses' && place.value !== undefined) {
    const start = text.lastIndexOf('\n', offset - 1) + 1;
    const line = text.slice(start).split('\n', 1)[0] ?? '';
    const kind = /uses: *["']?([\w.-]+)/.exec(line)?.[1] ?? '';
    return wordsOf(workspace.handbook.kinds.get(kind));
  }
  if (place.value !== undefined) return undefined;
  const { root, schemas } = schemasAround(path, place, workspace);
  const found = keysOf(schemas, root, place.levels.at(-1) ?? new Map()).find(
    ({ name }) => name === place.key,
  );
  return said([`**${place.key}**`, wordsOf(found?.schema)]);
}

function wordsOf(schema: JsonObject | undefined): string | undefined {
  const words = schema?.['markdownDescription'] ?? schema?.['description'];
  return typeof words === 'string' ? words : undefined;
}

const block = (language: string, text: string): string => `\`\`\`${language}\n${text}\n\`\`\``;

function said(parts: readonly (string | undefined)[]): string | undefined {
  const told = parts.filter((part) => part !== undefined && part !== '');
  return told.length < 1 ? undefined : told.join('\n\n');
}
