import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { err, ok } from '../../base/result.ts';
import type { Result } from '../../base/result.ts';
import type { StepKind } from '../../model/kind.ts';
import type { OwnKindFile } from '../../model/own-kind.ts';
import type { Diagnostic } from '../../source/diagnostic.ts';
import { SourceFile } from '../../source/file.ts';
import type { Span } from '../../source/file.ts';
import { uncoveredImports } from './imports.ts';

/**
 * Imports a kind of a user's own, which runs what stands at the top of its file. Before that it is
 * made sure that this is the file whose digest was told, and that the digest covers what runs.
 */
export async function loadOutsideKind(kind: OwnKindFile): Promise<Result<StepKind, Diagnostic>> {
  const bytes = bytesOf(kind);
  if (bytes === undefined)
    return err(problem('DB147', `${kind.path} is not there, or is not the file that was checked`, AGAIN));
  const file = new SourceFile(kind.path, bytes.toString('utf8'));
  const start: Span = { file, start: 0, end: 0 };
  const isTypeScript = kind.path.endsWith('.ts');
  if (isTypeScript && !runsTypeScript())
    return err({ ...problem('DB149', NO_TYPESCRIPT, COMPILE), span: start });
  try {
    const text = isTypeScript ? withoutTypes(file.text) : file.text;
    const [uncovered] = await uncoveredImports(file, text);
    if (uncovered !== undefined) return err({ ...notCovered(uncovered.specifier), span: uncovered.span });
    // By its digest: a file that was changed is another module.
    const { href } = pathToFileURL(resolve(kind.path));
    const module = (await import(`${href}?sha256=${kind.sha256}`)) as Readonly<Record<string, unknown>>;
    if (bytesOf(kind) === undefined)
      return err(problem('DB147', `${kind.path} was changed while it was read`, AGAIN));
    const wrong = whatIsWrong(module['default'], kind.name);
    return wrong === undefined
      ? ok(module['default'] as StepKind)
      : err({ ...problem('DB147', wrong, FORM), span: start });
  } catch (error) {
    return err({ ...failed(error), span: start });
  }
}

/** The bytes of the file, when it is the one that is meant. */
function bytesOf({ path, sha256 }: OwnKindFile): Buffer | undefined {
  try {
    const bytes = readFileSync(path);
    return createHash('sha256').update(bytes).digest('hex') === sha256 ? bytes : undefined;
  } catch {
    return undefined;
  }
}

/** What Node.js 22.18 and later have, though the types of 20 do not know it. */
interface FeaturesOf22 {
  readonly typescript?: false | string;
}

interface ModuleOf22 {
  readonly stripTypeScriptTypes?: (text: string) => string;
}

const runsTypeScript = (): boolean => {
  const { typescript } = process.features as FeaturesOf22;
  return typescript !== undefined && typescript !== false;
};

function withoutTypes(text: string): string {
  const { stripTypeScriptTypes } = process.getBuiltinModule('node:module') as ModuleOf22;
  return stripTypeScriptTypes?.(text) ?? text;
}

const AGAIN = 'Put it back, or run drillbook check and begin anew.';

const FORM =
  'export default { name, effect, describe, targets, run }: the form is StepKind of drillbook/kind (docs/own-kinds.md).';

const NO_TYPESCRIPT = `Node.js ${process.versions.node} does not run TypeScript`;

const COMPILE =
  'Compile it to JavaScript with tsc and keep the .js here and the .ts elsewhere; or run drillbook with Node.js 22.18 or later.';

/** What an exported value lacks to be a kind. */
function whatIsWrong(exported: unknown, name: string): string | undefined {
  if (typeof exported !== 'object' || exported === null) {
    return `The file exports no kind as its default${exported === undefined ? '' : `, but a ${typeof exported}`}`;
  }
  const members = exported as Readonly<Record<string, unknown>>;
  if (members['name'] !== name) {
    return `The kind says that its name is ${JSON.stringify(members['name'])}, and its file says ${name}`;
  }
  const missing = ['effect', 'describe', 'targets', 'run'].filter(
    (method) => typeof members[method] !== 'function',
  );
  return missing.length === 0
    ? undefined
    : `The kind lacks the ${missing.length === 1 ? 'method' : 'methods'} ${missing.join(', ')}`;
}

function notCovered(specifier: string | undefined): Diagnostic {
  return problem(
    'DB148',
    specifier === undefined
      ? 'What this import loads is not known before it runs, and the digest of the file does not cover it'
      : `The digest of this file does not cover ${specifier}, which would run with it`,
    'Whoever trusts a kind trusts one file: bundle what it needs into it. Packages and modules of Node.js may be imported.',
  );
}

function failed(error: unknown): Diagnostic {
  const message = error instanceof Error ? error.message : String(error);
  const isAbsent = /Cannot find package 'drillbook'/.test(message);
  return problem(
    'DB147',
    `The file cannot be loaded: ${message}`,
    isAbsent ? 'npm install --save-dev drillbook, in the project that has these playbooks.' : FORM,
  );
}

const problem = (code: string, message: string, hint: string): Diagnostic => ({
  code,
  severity: 'error',
  message,
  hint,
});
