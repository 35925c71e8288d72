import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { Attached } from '../model/flow-event.ts';
import type { Chain } from './chain.ts';
import type { Problem } from './store.ts';

/** Holds the files that were kept as evidence against what the journal says of them; the first that differs. */
export async function attachmentProblem(folder: string, { lines }: Chain): Promise<Problem | undefined> {
  // The same file of the same step replaces its copy: the last word on it counts.
  const kept = new Map<string, { readonly line: number; readonly sha256: string }>();
  for (const { type, seq, struck, body } of lines) {
    if (type !== ATTACHED || struck) continue;
    const { file, sha256 } = JSON.parse(body.toString()) as Partial<Attached>;
    if (file !== undefined && sha256 !== undefined) kept.set(file, { line: seq, sha256 });
  }
  for (const [file, { line, sha256 }] of kept) {
    const actual = await digestOf(join(folder, file));
    if (actual === undefined) return { line, message: `its attachment ${file} was removed` };
    if (actual !== sha256) return { line, message: `its attachment ${file} was changed` };
  }
  return undefined;
}

const ATTACHED: Attached['type'] = 'attached';

async function digestOf(path: string): Promise<string | undefined> {
  const digest = createHash('sha256');
  try {
    await pipeline(createReadStream(path), digest);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
  return digest.digest('hex');
}
