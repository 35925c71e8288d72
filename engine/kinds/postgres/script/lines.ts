import { createReadStream } from 'node:fs';
import { createGunzip } from 'node:zlib';
import { StepError } from '../../../model/kind.ts';
import { fileError } from '../../machine/errors.ts';

/**
 * The lines of a dump of plain SQL, each byte a character: whatever encoding it is in, its quotes and line ends are
 * those of ASCII. Throws `StepError` where it cannot be read to its end.
 */
export async function* linesOf(
  path: string,
  { compressed, signal }: { readonly compressed: boolean; readonly signal: AbortSignal },
): AsyncGenerator<string> {
  const file = createReadStream(path, { highWaterMark: 1024 * 1024, signal });
  const source = compressed ? file.pipe(createGunzip()) : file;
  if (source !== file) file.on('error', (error) => source.destroy(error));
  let rest = '';
  try {
    for await (const chunk of source) {
      const parts = (rest + (chunk as Buffer).toString('latin1')).split('\n');
      rest = parts.pop() ?? '';
      yield* parts;
    }
    if (rest !== '') yield rest;
  } catch (cause) {
    signal.throwIfAborted();
    throw brokenOff(cause, path) ?? fileError(cause, path, { doing: 'read' }) ?? cause;
  } finally {
    file.destroy();
  }
}

function brokenOff(cause: unknown, path: string): StepError | undefined {
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : '';
  if (!code.startsWith('Z_')) return undefined;
  return new StepError(`${path} cannot be read to its end: its compression breaks off, or is damaged`, {
    code: 'damagedDump',
    hint: 'Fetch it again, or take another dump.',
    cause,
  });
}
