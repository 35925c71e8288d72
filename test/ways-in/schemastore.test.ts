import { readFileSync } from 'node:fs';
import { matchesGlob, resolve } from 'node:path';
import { expect, test } from 'vitest';

const ROOT = resolve(import.meta.dirname, '..', '..');

const read = (name: string): Record<string, unknown> =>
  JSON.parse(readFileSync(resolve(ROOT, 'schemas', name), 'utf8')) as Record<string, unknown>;

const entry = read('schemastore.json');

test('the entry has the form that the catalog of SchemaStore asks for', () => {
  // name, description and url are required, the address is encrypted, and there are no members beside these.
  expect(entry).toEqual({
    name: expect.any(String) as string,
    description: expect.any(String) as string,
    fileMatch: expect.any(Array) as unknown[],
    url: expect.stringMatching(/^https:\/\//) as string,
  });
  const matches = entry['fileMatch'] as readonly string[];
  expect(new Set(matches).size).toBe(matches.length);
});

test('it names the schema by its own address', () => {
  expect(entry['url']).toBe(read('playbook.bundle.schema.json')['$id']);
});

test('it asks for files that are ours alone', () => {
  const isOurs = (path: string): boolean =>
    (entry['fileMatch'] as readonly string[]).some((glob) =>
      matchesGlob(path, glob.startsWith('**') ? glob : `**/${glob}`),
    );
  for (const path of ['playbooks/shop.playbook.yaml', 'ops/playbooks/db/shop.drillbook.yaml'])
    expect(isOurs(path), path).toBe(true);
  for (const path of ['playbooks/shop.yaml', 'playbook.yaml', 'site.yml', 'shop.drillbook.yaml'])
    expect(isOurs(path), path).toBe(false);
});
