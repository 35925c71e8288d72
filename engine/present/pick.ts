import type { Result } from '../base/result.ts';
import { err, ok } from '../base/result.ts';
import { LONG, matching } from './long-lists.ts';

/** Lets the operator take one of several lines, before there is a screen. An error when the question was broken off. */
export async function pick<T>(
  message: string,
  lines: readonly { readonly name: string; readonly value: T }[],
): Promise<Result<T, string>> {
  const { search, select } = await import('@inquirer/prompts');
  try {
    if (lines.length <= LONG) return ok(await select({ message, choices: lines, pageSize: 15, loop: false }));
    const names = lines.map(({ name }) => name);
    const source = (typed = ''): typeof lines => matching(names, typed).flatMap((at) => lines[at] ?? []);
    return ok(await search({ message: `${message} (type to filter)`, source, pageSize: 15 }));
  } catch (error) {
    if (error instanceof Error && error.name === 'ExitPromptError') return err('nothing was chosen');
    throw error;
  }
}
