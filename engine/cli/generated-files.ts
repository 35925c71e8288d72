import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { format, resolveConfig } from 'prettier';
import { bundleSchemas } from '../load/schemas/bundle.ts';
import { tableOfKinds } from '../load/schemas/table.ts';
import { typesOfKinds } from '../load/schemas/types.ts';

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
  const made = [
    { path: join(kinds, 'types.ts'), text: await typesOfKinds(steps) },
    { path: join(kinds, 'table.ts'), text: tableOfKinds(kinds, steps) },
    { path: join(schemas, 'playbook.bundle.schema.json'), text: JSON.stringify(bundleSchemas(schemas)) },
  ];
  return Promise.all(
    made.map(async ({ path, text }) => ({
      path,
      text: await formatted(path, text),
      now: existsSync(path) ? readFileSync(path, 'utf8') : '',
    })),
  );
}

/** As everything in the project is. */
const formatted = async (path: string, text: string): Promise<string> =>
  format(text, { ...(await resolveConfig(path)), filepath: path });
