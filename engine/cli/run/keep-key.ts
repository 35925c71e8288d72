import { randomBytes } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { isValueMap } from '../../base/value.ts';
import type { Environment } from '../../model/environment.ts';
import { isHandle } from '../../model/handle.ts';
import type { SecretResolver } from '../../model/handle.ts';

/**
 * The key of the secrets that runs keep: the one that the environment names under `keep`, else one of the
 * account's own, which is made when it is first needed. Neither lies in the store.
 */
export async function keepKey(environment: Environment, secrets: SecretResolver): Promise<string> {
  const { keep } = environment.data;
  const key = isValueMap(keep) ? keep['key'] : undefined;
  return isHandle(key) ? (await secrets.reveal(key)).reveal() : ownKey(ownKeyFile());
}

/** Where programs keep what is the account's own and is no setting (XDG base directories). */
function ownKeyFile(): string {
  const state = process.env['XDG_STATE_HOME'] ?? '';
  return join(state === '' ? join(homedir(), '.local', 'state') : state, 'drillbook', 'keep.key');
}

async function ownKey(file: string): Promise<string> {
  await mkdir(dirname(file), { recursive: true, mode: 0o700 });
  const fresh = randomBytes(32).toString('base64');
  await writeFile(file, fresh, { flag: 'wx', mode: 0o600, flush: true }).catch((error: unknown) => {
    // It was made before, perhaps a moment ago by another run.
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  });
  const key = (await readFile(file, 'utf8')).trim();
  if (key === '') throw new Error(`the key ${file} is empty`);
  return key;
}
