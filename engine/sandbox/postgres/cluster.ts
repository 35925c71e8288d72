import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chown, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { runAs, serverEnvironment } from './account.ts';
import type { Installation } from './installation.ts';
import { KeptClusters } from './kept-clusters.ts';
import { renewIdentifier } from './renew-identifier.ts';

const run = promisify(execFile);

export const SUPERUSER = 'postgres';

/** With data checksums: without them overwritten pages could be read as rows. */
const OPTIONS = [
  ...['--no-sync', '--no-instructions', '--data-checksums', '--wal-segsize=1'],
  ...['--auth=scram-sha-256', `--username=${SUPERUSER}`],
  ...['--locale=C', '--encoding=UTF8'],
];

/** In the folder of a server: the superuser's password that its cluster was made with, until its first start. */
export const passwordFile = (folder: string): string => join(folder, 'superuser');

/**
 * Makes an empty cluster, `data` in the server's folder, and its first password beside it. initdb takes most of the
 * start of a world: what it made once is kept, and each cluster after it is a copy with an identifier of its own.
 */
export async function makeCluster(folder: string, installation: Installation): Promise<void> {
  const kept = await KeptClusters.of(installation, OPTIONS);
  if (await copyKept(kept, folder, installation)) return;
  await initialise(folder, installation);
  await kept.keep(folder, ['data', 'superuser']).catch((error: unknown) => {
    installation.log(`The empty PostgreSQL cluster cannot be kept for the next world: ${String(error)}`);
  });
}

/** Whether one was kept, and its copy is as good as a new one. */
async function copyKept(kept: KeptClusters, folder: string, installation: Installation): Promise<boolean> {
  try {
    if (!(await kept.unpack(folder))) return false;
    await renewIdentifier(join(folder, 'data'));
    return true;
  } catch (error) {
    installation.log(`The PostgreSQL cluster that was kept in ${kept.file} is made anew: ${String(error)}`);
    await Promise.all(
      [join(folder, 'data'), passwordFile(folder), kept.file].map((path) =>
        rm(path, { recursive: true, force: true }),
      ),
    );
    return false;
  }
}

async function initialise(folder: string, { account, binaries }: Installation): Promise<void> {
  const password = passwordFile(folder);
  await writeFile(password, randomBytes(18).toString('base64url'), { mode: 0o600 });
  if (account !== undefined) await chown(password, account.uid, account.gid);
  await run(binaries.initdb, ['-D', join(folder, 'data'), ...OPTIONS, `--pwfile=${password}`], {
    ...runAs(account),
    cwd: folder,
    env: serverEnvironment(),
  });
}
