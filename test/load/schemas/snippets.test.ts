import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { stringify } from 'yaml';
import type { Json, JsonObject } from '../../../engine/base/json.ts';
import { isJsonArray, isJsonObject, listOf } from '../../../engine/base/json.ts';
import { loadPlaybook } from '../../../engine/load/playbook.ts';
import { kindNames } from '../../../engine/load/stepschema.ts';
import { SourceFile } from '../../../engine/source/file.ts';

const bundle = JSON.parse(
  readFileSync(
    fileURLToPath(new URL('../../../schemas/playbook.bundle.schema.json', import.meta.url)),
    'utf8',
  ),
) as JsonObject;

function objectAt(json: Json | undefined, ...names: readonly string[]): JsonObject {
  let at: Json | undefined = json;
  for (const name of names) at = isJsonObject(at) ? at[name] : undefined;
  return isJsonObject(at) ? at : {};
}

const node = objectAt(bundle, '$defs', 'node');
const snippets = listOf(node['defaultSnippets']).filter(isJsonObject);
const kinds = listOf(objectAt(node, 'properties', 'uses')['oneOf']).filter(isJsonObject);

/** As an editor puts it into a file: without what keeps it from being filled in. */
function inserted(body: Json): Json {
  if (typeof body === 'string') return body.replaceAll(/\\([\\$])/g, '$1');
  if (isJsonArray(body)) return body.map(inserted);
  if (!isJsonObject(body)) return body;
  return Object.fromEntries(Object.entries(body).map(([key, value]) => [key, inserted(value)]));
}

const called = (id: string): SourceFile =>
  new SourceFile(`${id}.yaml`, `version: 1\nid: ${id}\ntitle: T\nsummary: S\nsteps: []\n`);

const library = {
  ids: () => Promise.resolve([]),
  find: (id: string) => Promise.resolve(called(id)),
};

/** What a step alone cannot have: names of the playbook around it, of its parts, of what it calls. */
const OF_OTHERS = new Set(['DB043', 'DB044', 'DB046', 'DB052', 'DB062', 'DB063', 'DB064']);

describe('a snippet of each kind of step', () => {
  test('is there, and no other', () => {
    expect(new Set(snippets.map(({ label }) => label))).toEqual(new Set(kindNames('steps')));
  });

  test.each(snippets.map((snippet) => [snippet['label'] as string, snippet] as const))(
    '%s is what `check` accepts',
    async (_, { body }) => {
      const playbook = {
        ...{ version: 1, id: 'example', title: 'Example', summary: 'An example.' },
        steps: [inserted(body ?? null)],
      };
      const { diagnostics } = await loadPlaybook(
        new SourceFile('example.yaml', stringify(playbook)),
        library,
      );
      expect(diagnostics.filter(({ code }) => !OF_OTHERS.has(code))).toEqual([]);
    },
  );

  test('is shown with its kind, in an editor that knows Markdown', () => {
    for (const { const: kind, markdownDescription } of kinds) {
      expect(markdownDescription, kind as string).toContain(`uses: ${kind as string}`);
    }
  });
});
