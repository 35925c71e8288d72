import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import ts from 'typescript';
import { temporaryFolder } from '../drillbook.ts';

const HERE = import.meta.dirname;
const ROOT = resolve(HERE, '..', '..', '..');

export const SAMPLE = readFileSync(join(HERE, 'own.set-flag.ts'), 'utf8');
export const SCHEMA = readFileSync(join(HERE, 'own.set-flag.schema.json'), 'utf8');
export const PLAYBOOK = readFileSync(join(HERE, 'maintenance.yaml'), 'utf8');

/** The sample as JavaScript, as `tsc` makes it: not every Node.js runs TypeScript. */
export const COMPILED = ts.transpileModule(SAMPLE, {
  compilerOptions: {
    module: ts.ModuleKind.ESNext,
    target: ts.ScriptTarget.ES2023,
    verbatimModuleSyntax: true,
  },
}).outputText;

export const digest = (text: string): string => createHash('sha256').update(text).digest('hex');

/** A project of a user in a folder of its own: drillbook is installed in it, and it has one kind and one playbook. */
export function projectWithKind(files: Readonly<Record<string, string>> = {}): {
  readonly cwd: string;
  readonly write: (path: string, text: string) => void;
  readonly read: (path: string) => string;
} {
  const cwd = temporaryFolder();
  const write = (path: string, text: string): void => {
    mkdirSync(join(cwd, path, '..'), { recursive: true });
    writeFileSync(join(cwd, path), text);
  };
  const all: Readonly<Record<string, string>> = {
    'package.json': '{ "type": "module" }',
    'flags.json': '{}',
    'playbooks/maintenance.yaml': PLAYBOOK,
    'playbooks/kinds/own.set-flag.js': COMPILED,
    'playbooks/kinds/own.set-flag.schema.json': SCHEMA,
    ...files,
  };
  for (const [path, text] of Object.entries(all)) write(path, text);
  mkdirSync(join(cwd, 'node_modules'));
  symlinkSync(ROOT, join(cwd, 'node_modules', 'drillbook'));
  return { cwd, write, read: (path) => readFileSync(join(cwd, path), 'utf8') };
}

/** An environment that trusts these kinds. */
export const staging = (trusted: Readonly<Record<string, string>> = {}): string =>
  ['version: 1', 'name: staging', 'kind: staging', `policy: { kinds: ${JSON.stringify(trusted)} }`, ''].join(
    '\n',
  );
