import { randomBytes } from 'node:crypto';
import { chmod, mkdir } from 'node:fs/promises';
import { inFolder } from '../ground/folder.ts';
import type { Account } from './account.ts';
import { serverAccount } from './account.ts';
import type { Binaries } from './binaries.ts';
import { findBinaries } from './binaries.ts';

/** What the servers of one world have in common that are of one version. */
export interface Installation {
  readonly binaries: Binaries;
  readonly account: Account | undefined;
  /** The folder of the servers' folders; the account can go through it. */
  readonly folder: string;
  /** Of the superuser, who is the sandbox itself: the application and the operator have roles of their own. */
  readonly password: string;
  /** What happens behind the scenes, for the log in the world's folder. */
  readonly log: (line: string) => void;
}

/** What the database servers of one world share that are of one version: this one, or whatever there is. */
export async function install(
  folder: string,
  log: (line: string) => void,
  version?: number,
): Promise<Installation> {
  const places = inFolder(folder);
  const account = await serverAccount();
  await mkdir(places.servers, { recursive: true });
  await Promise.all([chmod(folder, 0o711), chmod(places.servers, 0o711)]);
  const binaries = await findBinaries({
    ...{ account, version },
    copyTo: version === undefined ? places.programs : `${places.programs}-${String(version)}`,
  });
  const password = randomBytes(18).toString('base64url');
  return { binaries, account, password, folder: places.servers, log };
}
