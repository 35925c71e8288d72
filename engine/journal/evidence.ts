import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import type { Attached } from '../model/flow-event.ts';
import type { Chain } from './chain.ts';
import type { Problem } from './store.ts';

/**
 * Holds the files that were kept as evidence against what the journal says of them; the first that differs.
 * `digestOf`: of a file as it is kept now, undefined when it is not.
 */
export async function attachmentProblem(
  { lines }: Chain,
  digestOf: (file: string) => Promise<string | undefined>,
): Promise<Problem | undefined> {
  // The same file of the same step replaces its copy: the last word on it counts.
  const kept = new Map<string, { readonly line: number; readonly sha256: string }>();
  for (const { type, seq, struck, body } of lines) {
    if (type !== ATTACHED || struck) continue;
    const { file, sha256 } = JSON.parse(body.toString()) as Partial<Attached>;
    if (file !== undefined && sha256 !== undefined) kept.set(file, { line: seq, sha256 });
  }
  for (const [file, { line, sha256 }] of kept) {
    const actual = await digestOf(file);
    if (actual === undefined) return { line, message: `its attachment ${file} was removed` };
    if (actual !== sha256) return { line, message: `its attachment ${file} was changed` };
  }
  return undefined;
}

const ATTACHED: Attached['type'] = 'attached';

/** The SHA-256 of a file; undefined when there is none. */
export async function digestOfFile(path: string): Promise<string | undefined> {
  const digest = createHash('sha256');
  try {
    await pipeline(createReadStream(path), digest);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
  return digest.digest('hex');
}
