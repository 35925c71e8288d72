import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Diagnostic } from '../../source/diagnostic.ts';
import { FileCheck, checkedFiles } from '../check-file.ts';
import { OwnKindsChecked } from '../check-own-kinds.ts';
import { EXIT } from '../exit.ts';
import type { ExitCode } from '../exit.ts';
import { countedFolder } from '../folder.ts';
import { environmentOption, findEnvironment } from '../loading.ts';
import { print } from '../terminal.ts';
import { formatProblems } from '../problems.ts';
import type { ProblemFormat } from '../problems.ts';

export interface CheckOptions {
  readonly playbooks: string;
  readonly format: ProblemFormat;
  readonly env?: string;
}

/** `drillbook check [FILES]`: every problem of every file; exit 2 when there is an error. */
export async function check(files: readonly string[], options: CheckOptions): Promise<ExitCode> {
  const environment =
    options.env === undefined ? undefined : await findEnvironment(options.env, options.playbooks);
  const folder = files.length > 0 ? options.playbooks : checkedFolder(options.playbooks);
  const paths = files.length > 0 ? files : [...checkedFiles(folder)];
  const diagnostics: Diagnostic[] = [];
  const kinds = new OwnKindsChecked();
  const one = new FileCheck(folder, environmentOption(environment));
  for (const path of paths) {
    const checked = await one.check(path);
    kinds.add(checked.ownKinds);
    diagnostics.push(...checked.diagnostics);
  }
  if (files.length === 0) await kinds.addAll(folder);
  diagnostics.push(...(await kinds.problems()));
  const text = formatProblems(diagnostics, paths.length, options.format);
  if (text !== '') print(text);
  return diagnostics.some(({ severity }) => severity === 'error') ? EXIT.invalid : EXIT.done;
}

/** The team's own folder as soon as it is there, with or without a playbook; else that of the examples. */
const checkedFolder = (own: string): string => (existsSync(own) ? resolve(own) : countedFolder(own));
