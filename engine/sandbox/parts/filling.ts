import { join } from 'node:path';
import { inFolder } from '../ground/folder.ts';
import { Program } from '../ground/program.ts';
import { messageOf } from '../ground/text.ts';
import type { PartContext } from './part.ts';

const FILL_MS = 5 * 60 * 1000;

/**
 * Runs a command that fills a part, beside the world's file. Rejects, with the last that it printed, when it does not
 * end well.
 */
export async function runFilling(
  command: readonly string[],
  env: Readonly<Record<string, string>>,
  context: PartContext,
): Promise<void> {
  const { id, folder, worldFolder } = context;
  const log = join(inFolder(worldFolder).parts, `${id}-filled.log`);
  const program = new Program({ command, cwd: folder, worldFolder, env, log });
  context.onClose(() => program.stop());
  try {
    await program.start();
    await program.succeeds(FILL_MS);
  } catch (error) {
    throw new Error(`the part ${id} could not be filled: ${command.join(' ')}: ${messageOf(error)}`, {
      cause: error,
    });
  }
}
