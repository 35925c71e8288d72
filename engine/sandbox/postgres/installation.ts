import { randomBytes } from 'node:crypto';
import { chmod, mkdir } from 'node:fs/promises';
import { inFolder } from '../ground/folder.ts';
import { serverAccount } from './account.ts';
import { findBinaries } from './binaries.ts';
import type { Installation } from './server.ts';

/** What the database servers of one world share, and the folder that theirs lie in. */
export async function install(folder: string, log: (line: string) => void): Promise<Installation> {
  const places = inFolder(folder);
  const account = await serverAccount();
  await mkdir(places.servers);
  await Promise.all([chmod(folder, 0o711), chmod(places.servers, 0o711)]);
  const binaries = await findBinaries({ account, copyTo: places.programs });
  const password = randomBytes(18).toString('base64url');
  return { binaries, account, password, folder: places.servers, log };
}
