import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { everyOwnKind } from '../../load/own-kinds.ts';
import { bundleSchemas } from '../../load/schemas/bundle.ts';
import type { Json } from '../../base/json.ts';
import { CommandError, EXIT } from '../exit.ts';
import type { ExitCode } from '../exit.ts';
import { printDiagnostics } from '../loading.ts';
import { PACKAGE_ROOT } from '../package-info.ts';
import { shownPath } from '../paths.ts';
import { print, style } from '../terminal.ts';

export interface SchemaOptions {
  readonly playbooks: string;
  readonly out?: string;
}

/** `drillbook schema`: one schema for editors, of all that a playbook may say, with the user's own kinds among them. */
export async function schema({ playbooks, out }: SchemaOptions): Promise<ExitCode> {
  const { kinds, diagnostics } = await everyOwnKind(playbooks);
  if (diagnostics.length > 0) {
    printDiagnostics(diagnostics);
    throw new CommandError('a kind of your own is not in order; nothing was written', {
      exitCode: EXIT.invalid,
    });
  }
  const path = out ?? join(playbooks, 'playbook.schema.json');
  const own = new Map(kinds.map((kind) => [kind.name, kind.schema.json]));
  const bundle = bundleSchemas(join(PACKAGE_ROOT, 'schemas'), join(PACKAGE_ROOT, 'docs', 'steps'), own);
  writeOver(path, `${JSON.stringify(bundle, null, 2)}\n`, bundle['$id']);
  const names = kinds.length === 0 ? 'no kind of your own' : kinds.map(({ name }) => name).join(', ');
  print(`${style.green('written')}  ${shownPath(path)}, with ${names}`);
  print('A playbook beside it begins with:');
  print(style.bold(`# yaml-language-server: $schema=${basename(path)}`));
  return EXIT.done;
}

/** Writes over nothing but what this command has written. */
function writeOver(path: string, text: string, id: Json | undefined): void {
  if (existsSync(path) && !readFileSync(path, 'utf8').includes(`"$id": ${JSON.stringify(id)}`)) {
    throw new CommandError(`${shownPath(path)} is there already, and is no schema of playbooks`, {
      exitCode: EXIT.invalid,
      hint: 'Nothing was changed. Name another file with --out.',
    });
  }
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
}
