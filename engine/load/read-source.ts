import { readFileSync, statSync } from 'node:fs';
import { relative } from 'node:path';
import { err, ok } from '../base/result.ts';
import type { Result } from '../base/result.ts';
import type { Diagnostic } from '../source/diagnostic.ts';
import { SourceFile } from '../source/file.ts';

/** No playbook comes near this; parsing far more than this takes minutes. */
const MAX_BYTES = 1024 * 1024;

/** How a file is read: from the disk, or from what an editor has not saved. */
export type ReadSource = (path: string) => Result<SourceFile, Diagnostic>;

/** A text file of at most 1 MiB in UTF-8; else what is wrong with it. */
export function readSource(path: string): Promise<Result<SourceFile, Diagnostic>> {
  return Promise.resolve(readSourceNow(path));
}

/** At once: a playbook is small, and Node's file promises take longer to load than the file to be read. */
export function readSourceNow(path: string): Result<SourceFile, Diagnostic> {
  const shown = shortest(path);
  const problem = (code: string, message: string, hint?: string): Result<SourceFile, Diagnostic> =>
    err({ code, severity: 'error', message, ...(hint !== undefined && { hint }) });
  try {
    const stats = statSync(path);
    if (stats.isDirectory()) return problem('DB002', `${shown} is a folder, not a file`);
    if (stats.size > MAX_BYTES) return err(tooLarge(shown, stats.size));
    return decode(shown, readFileSync(path)) ?? problem('DB004', `${shown} is not a text in UTF-8`);
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (code === 'ENOENT' || code === 'ENOTDIR') return problem('DB001', `There is no file ${shown}`);
    if (code === 'EACCES') return problem('DB002', `${shown} may not be read by this user`);
    return problem(
      'DB002',
      `${shown} cannot be read: ${error instanceof Error ? error.message : String(error)}`,
    );
  }
}

/** A text that is not on the disk, or not yet, as if it were read from there. */
export function sourceOf(path: string, text: string): Result<SourceFile, Diagnostic> {
  const shown = shortest(path);
  const size = Buffer.byteLength(text);
  return size > MAX_BYTES ? err(tooLarge(shown, size)) : ok(new SourceFile(shown, text));
}

const tooLarge = (shown: string, bytes: number): Diagnostic => ({
  code: 'DB003',
  severity: 'error',
  message: `${shown} has ${(bytes / 1024 / 1024).toFixed(1)} MB; files of more than 1 MB are not read`,
});

function decode(path: string, bytes: Buffer): Result<SourceFile, Diagnostic> | undefined {
  try {
    return ok(new SourceFile(path, new TextDecoder('utf-8', { fatal: true }).decode(bytes)));
  } catch {
    return undefined;
  }
}

function shortest(path: string): string {
  const fromHere = relative(process.cwd(), path);
  return fromHere !== '' && fromHere.length < path.length ? fromHere : path;
}
