import type { SourceFile, Span } from '../../source/file.ts';

/** An import whose code the digest of the file does not cover, though it lies beside it. */
export interface Uncovered {
  /** As written; undefined where only running it would tell. */
  readonly specifier: string | undefined;
  readonly span: Span;
}

/**
 * The imports of a kind that lead to other files of the user's own. Modules of Node.js, `drillbook/kind` and
 * packages are not among them: the lock file of the project says which packages those are.
 *
 * @param text the code as JavaScript: of a TypeScript file with its types blanked out, so that places stay
 */
export async function uncoveredImports(file: SourceFile, text: string): Promise<readonly Uncovered[]> {
  const { init, parse } = await import('es-module-lexer');
  await init;
  const [imports] = parse(text);
  return imports
    .filter(({ d, n }) => d !== IMPORT_META && (n === undefined || !isPackage(n)))
    .map(({ n, s, e }) => ({ specifier: n, span: { file, start: s, end: e } }));
}

const IMPORT_META = -2;

/** A bare name. `#name` is a file of the folder's own package, and `data:` is code that nobody reads. */
const isPackage = (specifier: string): boolean =>
  specifier.startsWith('node:') || (/^[@\w]/.test(specifier) && !/^[a-z][a-z+.-]*:/i.test(specifier));
