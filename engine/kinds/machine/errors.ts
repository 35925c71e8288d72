import { StepError } from '../../model/kind.ts';

/** Why a file could not be written or read, in words that say what to do; undefined for what is no error of a file. */
export function fileError(
  cause: unknown,
  path: string,
  options: { readonly doing: 'write' | 'read'; readonly changed?: StepError['changed'] },
): StepError | undefined {
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : '';
  const known = KNOWN[code];
  if (known === undefined) return undefined;
  return new StepError(`${path} cannot be ${options.doing === 'write' ? 'written' : 'read'}: ${known.what}`, {
    code: known.code ?? (options.doing === 'write' ? 'cannotWrite' : 'cannotRead'),
    ...(options.changed !== undefined && { changed: options.changed }),
    ...(known.hint !== undefined && { hint: known.hint }),
    cause,
  });
}

const KNOWN: Readonly<
  Record<string, { readonly what: string; readonly code?: string; readonly hint?: string }>
> = {
  ENOSPC: {
    what: 'the disk is full',
    code: 'diskFull',
    hint: 'Free space or enlarge the disk, then try again.',
  },
  EDQUOT: {
    what: 'the quota of this account is used up',
    code: 'diskFull',
    hint: 'Free space, or have the quota raised, then try again.',
  },
  EFBIG: { what: 'the file would be larger than is allowed', code: 'diskFull' },
  EROFS: { what: 'the file system is read-only' },
  EACCES: { what: 'this account may not', hint: 'Check the permissions, or give another path.' },
  EPERM: { what: 'this account may not', hint: 'Check the permissions, or give another path.' },
  ENOENT: { what: 'there is no such file or folder', code: 'noSuchFile' },
  ENOTDIR: { what: 'a part of the path is not a folder' },
  EISDIR: { what: 'it is a folder' },
  EEXIST: { what: 'it exists already', code: 'exists' },
  EIO: { what: 'the disk reports an error', hint: 'Do not rely on this disk: give a path on another.' },
  ENAMETOOLONG: { what: 'the name is too long' },
};
