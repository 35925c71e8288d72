import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import type { Json, JsonObject } from '../../base/json.ts';
import { isJsonArray, isJsonObject } from '../../base/json.ts';

/** A kind as its page shows it. */
export interface Example {
  /** The YAML of the page. */
  readonly text: string;
  /** The step of this kind in it. */
  readonly step: JsonObject;
}

/** What the page of a kind shows under `## example`, else first: the pages are where an example is written. */
export function exampleOf(kind: string, pages: string): Example | undefined {
  const path = join(pages, `${kind}.md`);
  const page = existsSync(path) ? readFileSync(path, 'utf8') : '';
  const shown = page.indexOf('\n## example\n');
  for (const from of [shown, 0]) {
    for (const [, text = ''] of page.slice(Math.max(0, from)).matchAll(/^```yaml\n(.*?)^```$/gms)) {
      const step = stepOf(kind, parse(text) as Json);
      if (step !== undefined) return { text, step };
    }
  }
  return undefined;
}

function stepOf(kind: string, json: Json): JsonObject | undefined {
  if (!isJsonArray(json) && !isJsonObject(json)) return undefined;
  if (isJsonObject(json) && json['uses'] === kind) return json;
  for (const inner of Object.values(json)) {
    const found = stepOf(kind, inner);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** A value as the body of a snippet, in which a dollar would begin a place to be filled in. */
export function snippetBody(json: Json): Json {
  if (typeof json === 'string') return json.replaceAll(/[\\$]/g, String.raw`\$&`);
  if (isJsonArray(json)) return json.map(snippetBody);
  if (!isJsonObject(json)) return json;
  return Object.fromEntries(Object.entries(json).map(([key, value]) => [key, snippetBody(value)]));
}
