import { readFileSync, readdirSync } from 'node:fs';
import { basename, join } from 'node:path';

const HEAD = `// Made from the folders by \`npm run generate\`: add a kind there and run it again.
import type { StepKind } from '../model/kind.ts';

/** Every step kind by its name. One is loaded when a playbook uses it, and no other: start-up costs nothing for the rest. */
export const STEP_KINDS: Readonly<Record<string, () => Promise<StepKind>>> = {`;

/** The table of kinds: of each file in a folder of `kinds` that is called as a schema is. */
export function tableOfKinds(kinds: string, schemas: string): string {
  const names = new Set(readdirSync(schemas).map((name) => basename(name, '.schema.json')));
  const lines = readdirSync(kinds, { recursive: true, encoding: 'utf8' })
    .filter((path) => /^[^/]+\/[^/]+\.ts$/.test(path) && names.has(basename(path, '.ts')))
    .map((path) => ({ name: basename(path, '.ts'), path }))
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .map(({ name, path }) => {
      const kind = exportedKind(join(kinds, path));
      return `  ${JSON.stringify(name)}: async () => (await import('./${path}')).${kind},`;
    });
  return [HEAD, ...lines, '};', ''].join('\n');
}

function exportedKind(path: string): string {
  const name = /^export const (\w+): StepKind\b/m.exec(readFileSync(path, 'utf8'))?.[1];
  if (name !== undefined) return name;
  throw new Error(
    `${path} exports no kind: write "export const name: StepKind<With['…'], Output['…']> = { … }"`,
  );
}
