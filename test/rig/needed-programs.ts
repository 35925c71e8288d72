import type { TestCase, TestModule } from 'vitest/node';
import type { Reporter } from 'vitest/reporters';
import { PROGRAMS, findProgram, howToInstall } from '../../engine/base/programs.ts';
import type { ProgramName } from '../../engine/base/programs.ts';

const PREFIX = 'needs/';

const names = Object.keys(PROGRAMS) as readonly ProgramName[];

const missing = (
  await Promise.all(names.map(async (name) => ((await findProgram(name)) === undefined ? [name] : [])))
).flat();

/**
 * One tag for each program: a file says `@module-tag needs/sshd` in a comment, a test or a suite takes
 * `needing('sshd')`, and is skipped where the program is missing. So are the hooks that would start it.
 */
export const tags = names.map((name) => ({
  name: `${PREFIX}${name}`,
  description: `Skipped without ${name}: ${howToInstall(name)}.`,
  skip: missing.includes(name),
}));

/** The tags of a test that starts these. */
export const needing = (...programs: readonly ProgramName[]): { readonly tags: string[] } => ({
  tags: programs.map((name) => `${PREFIX}${name}`),
});

export const isMissing = (...programs: readonly ProgramName[]): boolean =>
  programs.some((name) => missing.includes(name));

/** Says at the end what was skipped, for want of which program, and how to get it. */
export default class NeededPrograms implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    const skipped = modules.flatMap((module) => [...module.children.allTests('skipped')]);
    const lines = missing.flatMap((name) => lineOf(name, skipped.filter(needs(name))));
    if (lines.length === 0) return;
    process.stdout.write(
      [...lines, '`npm run setup` installs what is missing, on Debian and Ubuntu.', ''].join('\n'),
    );
  }
}

const needs =
  (name: ProgramName) =>
  ({ tags }: TestCase): boolean =>
    tags.includes(`${PREFIX}${name}`);

function lineOf(name: ProgramName, tests: readonly TestCase[]): readonly string[] {
  if (tests.length === 0) return [];
  const files = [...new Set(tests.map(({ module }) => module.relativeModuleId))].sort();
  return [
    `SKIPPED without ${name} (${howToInstall(name)}): ${tests.length} ${tests.length === 1 ? 'test' : 'tests'} in`,
    ...files.map((file) => `  ${file}`),
  ];
}
