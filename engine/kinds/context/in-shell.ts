import { writeJson } from '../../base/json-text.ts';
import type { Value } from '../../base/value.ts';
import { isValueList, isValueMap } from '../../base/value.ts';
import type { Environment } from '../../model/environment.ts';
import type { Handle } from '../../model/handle.ts';
import { isHandle } from '../../model/handle.ts';
import { quote } from './quote.ts';
import { renderApi, renderKeyInShell } from './render-api.ts';
import { shownSecret, shownText } from './reveal.ts';

/**
 * What stands for a secret in a command that a person copies: `$NAME`, what a file holds, what Render says when it is
 * asked. It belongs between double quotes, and names the secret without showing it.
 */
export function inShell(handle: Handle, environment: Environment): string {
  const { $ref, id, network } = handle;
  if ($ref !== 'render.postgres' || typeof id !== 'string') return shownSecret(handle);
  const url = quote(`${renderApi(environment)}/postgres/${id}/connection-info`);
  const read = `curl -fsS -H "Authorization: Bearer ${renderKeyInShell(environment)}" ${url}`;
  return `$(${read} | jq -r .${network === 'internal' ? 'internal' : 'external'}ConnectionString)`;
}

/** One word of a shell that is made of texts and secrets: only the secrets are filled in by the shell. */
export function shellWord(environment: Environment, ...parts: readonly Value[]): string {
  if (!parts.some(isHandle)) return quote(parts.map(shownText).join(''));
  const inside = parts.map((part) =>
    isHandle(part) ? inShell(part, environment) : shownText(part).replaceAll(/["\\`$]/g, String.raw`\$&`),
  );
  return `"${inside.join('')}"`;
}

/** JSON in parts: texts, and the secrets that stand in it. */
export function jsonParts(value: Value): readonly Value[] {
  const secrets: Handle[] = [];
  const marked = (each: Value): unknown => {
    if (isHandle(each)) return `${MARK}${String(secrets.push(each) - 1)}${MARK}`;
    if (isValueList(each)) return each.map(marked);
    if (isValueMap(each)) {
      return Object.fromEntries(Object.entries(each).map(([key, member]) => [key, marked(member)]));
    }
    return each === null || ['number', 'bigint', 'boolean'].includes(typeof each) ? each : shownText(each);
  };
  const texts = writeJson(marked(value)).split(MARK);
  return texts.map((text, index) => (index % 2 === 1 ? (secrets[Number(text)] ?? text) : text));
}

/** Of the characters that nobody writes: for private use. */
const MARK = '\uE000';
