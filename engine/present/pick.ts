import type { Result } from '../base/result.ts';
import { err, ok } from '../base/result.ts';

/** Lets the operator take one of several lines, before there is a screen. An error when the question was broken off. */
export async function pick<T>(
  message: string,
  lines: readonly { readonly name: string; readonly value: T }[],
): Promise<Result<T, string>> {
  const { select } = await import('@inquirer/prompts');
  try {
    return ok(await select({ message, choices: lines, pageSize: 15, loop: false }));
  } catch (error) {
    if (error instanceof Error && error.name === 'ExitPromptError') return err('nothing was chosen');
    throw error;
  }
}
