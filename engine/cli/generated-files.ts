import { existsSync, readFileSync } from 'node:fs';
import { extname, join } from 'node:path';
import { format, resolveConfig } from 'prettier';
import { bundleSchemas, bundleWorld } from '../load/schemas/bundle.ts';
import { tableOfKinds } from '../load/schemas/table.ts';
import { typesOfKinds } from '../load/schemas/types.ts';
import { kindPage } from '../report/pages/kind-page.ts';
import { kindsPage } from '../report/pages/kinds.ts';
import { kindEntries } from './kind-entries.ts';

/** A file that is made from others, with what it is to hold and what it holds now. */
export interface GeneratedFile {
  readonly path: string;
  readonly text: string;
  readonly now: string;
}

/** All of them as they would be made now. `root`: the folder of the package. */
export async function generatedFiles(root: string): Promise<readonly GeneratedFile[]> {
  const schemas = join(root, 'schemas');
  const steps = join(schemas, 'steps');
  const kinds = join(root, 'engine', 'kinds');
  const pages = join(root, 'docs', 'steps');
  const entries = kindEntries(steps);
  const made = [
    { path: join(kinds, 'types.ts'), text: await typesOfKinds(steps) },
    { path: join(kinds, 'table.ts'), text: tableOfKinds(kinds, steps) },
    {
      path: join(schemas, 'playbook.bundle.schema.json'),
      text: JSON.stringify(bundleSchemas(schemas, pages)),
    },
    { path: join(schemas, 'world.bundle.schema.json'), text: JSON.stringify(bundleWorld(schemas)) },
    { path: join(pages, 'README.md'), text: kindsPage(entries) },
    ...entries.map((kind) => {
      const path = join(pages, `${kind.name}.md`);
      return { path, text: kindPage(kind, now(path)) };
    }),
  ];
  return Promise.all(
    made.map(async ({ path, text }) => ({
      path,
      text: await formatted(path, text),
      now: now(path),
    })),
  );
}

const now = (path: string): string => (existsSync(path) ? readFileSync(path, 'utf8') : '');

/** As everything in the project is; pages are written as they are to be. */
const formatted = async (path: string, text: string): Promise<string> =>
  extname(path) === '.md' ? text : format(text, { ...(await resolveConfig(path)), filepath: path });
