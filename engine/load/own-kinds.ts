import { createHash } from 'node:crypto';
import { readdirSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { err, ok } from '../base/result.ts';
import type { Result } from '../base/result.ts';
import { isOwnKindName } from '../model/own-kind.ts';
import type { OwnKindFile } from '../model/own-kind.ts';
import type { Diagnostic } from '../source/diagnostic.ts';
import type { SourceFile } from '../source/file.ts';
import { readSource } from './read-source.ts';
import type { OwnSchema } from './schemas/own-schema.ts';

/** A kind of a user's own: its schema, and where its code is. Nothing of the code has run. */
export interface OwnKind extends OwnKindFile {
  readonly schema: OwnSchema;
  readonly schemaText: string;
}

/** Where kinds of a user's own are found by their names. */
export interface OwnKinds {
  names(): readonly string[];
  /** Undefined when there is none of that name; else the kind, or what is wrong with its files. */
  find(name: string): Promise<Result<OwnKind, readonly Diagnostic[]> | undefined>;
}

/** The folder beside the playbooks that holds them. */
export const KINDS = 'kinds';

/**
 * `<folder>/kinds/<name>.js` (or `.ts`) and `<name>.schema.json`; the first folder that has one of the two wins.
 * Each is read once, however many playbooks name it.
 */
export function ownKindsIn(folders: readonly string[]): OwnKinds {
  const found = new Map<string, KindFiles>();
  for (const folder of folders.toReversed()) {
    for (const files of filesIn(join(folder, KINDS)).kinds) found.set(files.name, files);
  }
  const known = new Map<string, ReturnType<typeof read>>();
  return {
    names: () => [...found.keys()].sort(),
    async find(name) {
      const files = found.get(name);
      if (files === undefined) return undefined;
      const kind = known.get(name) ?? read(files);
      known.set(name, kind);
      return kind;
    },
  };
}

/** Kinds that have been read before. */
export function theseKinds(kinds: readonly OwnKind[]): OwnKinds {
  const byName = new Map(kinds.map((kind) => [kind.name, kind]));
  return {
    names: () => [...byName.keys()],
    find(name) {
      const kind = byName.get(name);
      return Promise.resolve(kind === undefined ? undefined : ok(kind));
    },
  };
}

/** The SHA-256 of a file's bytes, as any other program digests it; undefined where it cannot be read. */
export async function digestOf(path: string): Promise<string | undefined> {
  const bytes = await readFile(path).catch(() => undefined);
  return bytes === undefined ? undefined : createHash('sha256').update(bytes).digest('hex');
}

/** All kinds of one folder of playbooks, and what is wrong with the files there. */
export async function everyOwnKind(
  folder: string,
): Promise<{ readonly kinds: readonly OwnKind[]; readonly diagnostics: readonly Diagnostic[] }> {
  const { kinds, strangers } = filesIn(join(folder, KINDS));
  const results = await Promise.all(kinds.map(read));
  return {
    kinds: results.flatMap((kind) => (kind.ok ? [kind.value] : [])),
    diagnostics: [
      ...(await Promise.all(strangers.map(strange))),
      ...results.flatMap((kind) => (kind.ok ? [] : kind.error)),
    ],
  };
}

interface KindFiles {
  readonly name: string;
  readonly code: readonly string[];
  readonly schema: string | undefined;
}

const SCHEMA = '.schema.json';

/** What a kind may be written in. Declarations (`.d.ts`) are for editors. */
const isCode = (file: string): boolean => /\.[cm]?[jt]s$/.test(file) && !/\.d\.[cm]?ts$/.test(file);

const nameOf = (file: string): string =>
  file.endsWith(SCHEMA) ? file.slice(0, -SCHEMA.length) : file.replace(/\.[jt]s$/, '');

function filesIn(folder: string): {
  readonly kinds: readonly KindFiles[];
  readonly strangers: readonly string[];
} {
  const files = namesIn(folder).filter((file) => isCode(file) || file.endsWith(SCHEMA));
  const isOwn = (file: string): boolean => isOwnKindName(nameOf(file));
  const names = new Set(files.filter(isOwn).map(nameOf));
  const kinds = [...names].map((name): KindFiles => {
    const ofName = files.filter((file) => nameOf(file) === name);
    const schema = ofName.find((file) => file.endsWith(SCHEMA));
    return {
      name,
      code: ofName.filter(isCode).map((file) => join(folder, file)),
      schema: schema === undefined ? undefined : join(folder, schema),
    };
  });
  return { kinds, strangers: files.filter((file) => !isOwn(file)).map((file) => join(folder, file)) };
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder).sort();
  } catch {
    return [];
  }
}

async function strange(path: string): Promise<Diagnostic> {
  return onFile(path, 'DB143', 'The name of this file is not one of a kind of your own', {
    hint: 'Kinds of your own are own.<name>.js or own.<name>.ts, in small letters, digits and single dashes, with own.<name>.schema.json beside. drillbook has no kind that begins with "own.", now or later.',
  });
}

async function read({ name, code, schema }: KindFiles): Promise<Result<OwnKind, readonly Diagnostic[]>> {
  const [path, second] = code;
  if (second !== undefined) {
    return err([
      await onFile(second, 'DB144', `There are two files for the kind ${name}: ${code.join(' and ')}`, {
        hint: 'Which of them counts must not depend on who runs it: keep one here. Sources that are compiled lie elsewhere.',
      }),
    ]);
  }
  if (path === undefined || schema === undefined) {
    const [is, lacks] =
      path === undefined ? [schema ?? '', `${name}.js or ${name}.ts`] : [path, name + SCHEMA];
    return err([
      await onFile(is, 'DB145', `The kind ${name} lacks ${lacks}`, {
        hint: 'A kind is two files side by side: what it does, and the schema of what it takes and gives.',
      }),
    ]);
  }
  const [codeFile, schemaFile] = [await readSource(path), await readSource(schema)];
  if (!codeFile.ok) return err([codeFile.error]);
  if (!schemaFile.ok) return err([schemaFile.error]);
  return ownKind({ name, path, sha256: (await digestOf(path)) ?? '' }, schemaFile.value);
}

/** A kind whose schema has been read; its code may have changed since, or be gone. */
export async function ownKind(
  code: OwnKindFile,
  schemaFile: SourceFile,
): Promise<Result<OwnKind, readonly Diagnostic[]>> {
  // It compiles schemas, and is loaded by nobody who has no kinds of their own.
  const { readOwnSchema } = await import('./schemas/own-schema.ts');
  const schema = readOwnSchema(schemaFile, code.name);
  return schema.ok ? ok({ ...code, schema: schema.value, schemaText: schemaFile.text }) : schema;
}

async function onFile(
  path: string,
  code: string,
  message: string,
  details: { readonly hint: string },
): Promise<Diagnostic> {
  const file = await readSource(path);
  const span = file.ok ? { span: { file: file.value, start: 0, end: 0 } } : {};
  return { code, severity: 'error', message, ...span, ...details };
}
