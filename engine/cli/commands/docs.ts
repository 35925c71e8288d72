import { count } from '../../base/human.ts';
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { harmless } from '../../base/text.ts';
import { readSource } from '../../load/read-source.ts';
import { GENERATED } from '../../report/pages/playbook.ts';
import { kindPageProblems } from '../../report/pages/kinds.ts';
import type { Diagnostic } from '../../source/diagnostic.ts';
import type { SourceFile, Span } from '../../source/file.ts';
import { EXIT } from '../exit.ts';
import type { ExitCode } from '../exit.ts';
import { countedFolder } from '../folder.ts';
import { invocation } from '../invocation.ts';
import { kindEntries } from '../kind-entries.ts';
import { printDiagnostics } from '../loading.ts';
import { writeMeasuredPage } from '../measured-page.ts';
import { isOwnReference, referenceFolder, wantedPages } from '../pages.ts';
import type { WantedPage } from '../pages.ts';
import { PACKAGE_ROOT } from '../package-info.ts';
import { shownPath } from '../paths.ts';
import { print, style } from '../terminal.ts';

export interface DocsOptions {
  readonly playbooks: string;
  readonly out: string;
  readonly env?: string;
  readonly check?: boolean;
  readonly store?: string;
  /** The file of measured values, where only that is wanted. */
  readonly measured?: string;
}

/**
 * `drillbook docs`: the playbooks as pages for people. With `--check`, exit 1 when a page is not as it would be
 * made now. What was measured depends on a store and not on the playbooks: it has a page of its own (`--measured`).
 */
export async function docs(options: DocsOptions): Promise<ExitCode> {
  if (options.measured !== undefined) return writeMeasuredPage(options.measured, options);
  const wanted = (await wantedPages(options)).map((page) => ({ ...page, text: harmless(page.text) }));
  const orphans = orphansIn(options.out, wanted);
  const reference = await referenceProblems(options);
  printDiagnostics(reference);
  if (options.check === true) {
    const stale = [...(await staleness(wanted, options)), ...orphans.map((path) => orphaned(path, options))];
    printDiagnostics(stale);
    if (stale.length + reference.length > 0) return EXIT.missed;
    print(style.green(`${count(wanted.length, 'page')} checked: as the playbooks say`));
    return EXIT.done;
  }
  const changed = await write(wanted);
  for (const path of orphans) rmSync(path);
  for (const path of changed) print(`written  ${shownPath(path)}`);
  for (const path of orphans) print(`removed  ${shownPath(path)}, a page of no playbook`);
  print(
    style.green(
      `${count(wanted.length, 'page')} in ${shownPath(options.out)}: ${String(changed.length)} written, ${String(wanted.length - changed.length)} unchanged`,
    ),
  );
  return reference.length > 0 ? EXIT.missed : EXIT.done;
}

async function write(wanted: readonly WantedPage[]): Promise<readonly string[]> {
  const changed: string[] = [];
  for (const { path, text } of wanted) {
    const now = await readSource(path);
    if (now.ok && now.value.text === text) continue;
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
    changed.push(path);
  }
  return changed;
}

async function staleness(
  wanted: readonly WantedPage[],
  options: DocsOptions,
): Promise<readonly Diagnostic[]> {
  const found: Diagnostic[] = [];
  for (const { path, text } of wanted) {
    const now = await readSource(path);
    if (now.ok && now.value.text === text) continue;
    found.push({
      code: 'DB090',
      severity: 'error',
      message: now.ok
        ? `${shownPath(path)} is not what its playbook says now`
        : `The page ${shownPath(path)} is missing`,
      hint: mend(options),
      ...(now.ok && { span: firstDifference(now.value, text) }),
    });
  }
  return found;
}

/** The first line of the file that is another in the text. */
function firstDifference(file: SourceFile, text: string): Span {
  const lines = text.split('\n');
  let start = 0;
  for (const [index, line] of file.text.split('\n').entries()) {
    if (line !== lines[index]) return { file, start, end: start + line.length };
    start += line.length + 1;
  }
  return { file, start: file.text.length, end: file.text.length };
}

const mend = ({ out, env }: DocsOptions): string => {
  const options = [
    ...(out === DEFAULT_OUT ? [] : ['--out', out]),
    ...(env === undefined ? [] : ['--env', env]),
  ];
  return `${invocation(['docs', ...options].join(' '))} mends it.`;
};

export const DEFAULT_OUT = 'docs/playbooks';

/** Pages that drillbook made once, of playbooks that are gone. */
function orphansIn(out: string, wanted: readonly WantedPage[]): readonly string[] {
  if (!existsSync(out)) return [];
  const expected = new Set(wanted.map(({ path }) => path));
  return readdirSync(out)
    .filter((name) => name.endsWith('.md'))
    .map((name) => join(out, name))
    .filter((path) => !expected.has(path) && isGenerated(path));
}

const isGenerated = (path: string): boolean => readFileSync(path, 'utf8').startsWith(GENERATED);

const orphaned = (path: string, options: DocsOptions): Diagnostic => ({
  code: 'DB091',
  severity: 'error',
  message: `${shownPath(path)} was made of a playbook that there is no longer`,
  hint: mend(options),
});

/** The step reference is in part by hand; it must not contradict the schemas. */
async function referenceProblems({ playbooks, out }: DocsOptions): Promise<readonly Diagnostic[]> {
  if (!isOwnReference(countedFolder(playbooks))) return [];
  const problems: Diagnostic[] = [];
  for (const kind of kindEntries(join(PACKAGE_ROOT, 'schemas', 'steps'))) {
    const page = await readSource(join(referenceFolder(out), `${kind.name}.md`));
    problems.push(...(page.ok ? kindPageProblems(kind, page.value) : [page.error]));
  }
  return problems;
}
