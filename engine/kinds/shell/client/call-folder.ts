import { mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const PREFIX = 'drillbook-call-';

let swept: Promise<void> | undefined;

/**
 * A folder for what one ssh reads, a private key among it, for nobody else; whoever asks for it removes it. Those of
 * processes that were killed are removed before the first one is made: their names say whose they are.
 */
export async function callFolder(): Promise<string> {
  swept ??= sweep(tmpdir());
  await swept;
  return mkdtemp(join(tmpdir(), `${PREFIX}${String(process.pid)}-`));
}

async function sweep(parent: string): Promise<void> {
  const names = await readdir(parent).catch(() => []);
  for (const name of names) {
    const pid = name.startsWith(PREFIX) ? /^(\d+)-/.exec(name.slice(PREFIX.length))?.[1] : undefined;
    if (pid === undefined || isAlive(Number(pid))) continue;
    const folder = join(parent, name);
    const found = await stat(folder).catch(() => undefined);
    if (found?.uid === process.getuid?.()) await rm(folder, { recursive: true, force: true });
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // That of somebody else.
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
