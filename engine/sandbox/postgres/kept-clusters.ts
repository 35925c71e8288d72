import { spawn } from 'node:child_process';
import { createHash, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdir, open, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { runAs, serverEnvironment } from './account.ts';
import type { Installation } from './installation.ts';

const MS_PER_DAY = 24 * 60 * 60 * 1000;
const KEPT_UNUSED_DAYS = 30;

/**
 * Empty clusters of this user, each a tar archive, for it is one file: written whole under another name, it comes into
 * its place at once, so that whoever is killed meanwhile leaves nothing that could be taken for a cluster, and
 * of two that make one at the same time the last has its way. One for each build of PostgreSQL and options of initdb.
 */
export class KeptClusters {
  readonly file: string;
  readonly #account: Installation['account'];

  private constructor(file: string, account: Installation['account']) {
    this.file = file;
    this.#account = account;
  }

  static async of(installation: Installation, options: readonly string[]): Promise<KeptClusters> {
    const { binaries, account } = installation;
    const digest = digests.get(installation) ?? digestOf(binaries);
    digests.set(installation, digest);
    const key = createHash('sha256')
      .update(options.join(' '))
      .update(await digest);
    const name = `${binaries.fullVersion}-${key.digest('hex').slice(0, 32)}.tar`;
    return new KeptClusters(join(keptFolder(), name), account);
  }

  /** Keeps these entries of a folder, of a cluster that does not run. */
  async keep(folder: string, entries: readonly string[]): Promise<void> {
    const place = dirname(this.file);
    await mkdir(place, { recursive: true, mode: 0o700 });
    await removeUnused(place);
    const partial = `${this.file}.${randomUUID()}`;
    try {
      const file = await open(partial, 'wx', 0o600);
      try {
        await this.#tar(['-cf', '-', ...entries], folder, 'ignore', file.fd);
        await file.sync();
      } finally {
        await file.close();
      }
      await rename(partial, this.file);
    } finally {
      await rm(partial, { force: true });
    }
  }

  /** Puts what is kept into a folder, as the account of the servers; false when nothing is kept. */
  async unpack(folder: string): Promise<boolean> {
    const file = await openOwn(this.file);
    if (file === undefined) return false;
    try {
      await this.#tar(['-xpmf', '-'], folder, file.fd, 'ignore');
      const now = new Date();
      await file.utimes(now, now); // it is in use, see `removeUnused`
      return true;
    } finally {
      await file.close();
    }
  }

  /** As the account of the servers, which cannot open the archive itself: it is given it open. What tar says is logged. */
  async #tar(args: readonly string[], cwd: string, input: 'ignore' | number, output: 'ignore' | number) {
    const options = { ...runAs(this.#account), cwd, env: serverEnvironment() };
    const child = spawn('tar', args, { ...options, stdio: [input, output, 'inherit'] });
    const [code] = (await once(child, 'exit')) as [number | null];
    if (code !== 0) throw new Error(`tar ended with ${String(code)}`);
  }
}

/** Which build it is of: megabytes are read for it, once for all servers of a world. */
const digests = new WeakMap<Installation, Promise<Buffer>>();

async function digestOf({ initdb, postgres }: Installation['binaries']): Promise<Buffer> {
  const programs = await Promise.all([readFile(initdb), readFile(postgres)]);
  const digest = createHash('sha256');
  for (const program of programs) digest.update(program);
  return digest.digest();
}

/** Where programs keep what can be made anew (XDG base directories). */
function keptFolder(): string {
  const cache = process.env['XDG_CACHE_HOME'] ?? '';
  return join(cache === '' ? join(homedir(), '.cache') : cache, 'drillbook', 'postgresql');
}

/** The file, where it is there and nobody else made it: what lies in it is run. */
async function openOwn(path: string): Promise<FileHandle | undefined> {
  const file = await open(path, 'r').catch(() => undefined);
  if (file === undefined || (await file.stat()).uid === process.getuid?.()) return file;
  await file.close();
  return undefined;
}

/** Clusters of programs that are not used any more, and what was left half written. */
async function removeUnused(folder: string): Promise<void> {
  const paths = (await readdir(folder)).map((name) => join(folder, name));
  for (const path of paths) {
    const found = await stat(path).catch(() => undefined);
    if (found !== undefined && Date.now() - found.mtimeMs > KEPT_UNUSED_DAYS * MS_PER_DAY) {
      await rm(path, { force: true });
    }
  }
}
