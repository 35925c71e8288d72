import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const SCRIPT = fileURLToPath(new URL('radosgw', import.meta.url));

/** What it is made of. */
export const RADOSGW = ['radosgw', 'ceph', 'ceph-mon', 'ceph-osd', 'ceph-mgr'] as const;

export interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

/** A real S3 server: Ceph's object gateway. */
export interface Radosgw extends Credentials {
  readonly url: string;
  /** Somebody else, to whom none of the buckets belongs. */
  readonly stranger: Credentials;
  /** Resolves when its processes and its folder are gone. */
  readonly stop: () => Promise<void>;
}

/** Starts it, in about 13 seconds. Rejects with what to install when its programs are missing. */
export async function startRadosgw(): Promise<Radosgw> {
  const child = spawn(SCRIPT, { stdio: ['pipe', 'pipe', 'pipe'] });
  const exited = once(child, 'exit');
  let errors = '';
  child.stderr.on('data', (chunk: Buffer) => (errors += chunk.toString()));
  const line = await Promise.race([
    once(createInterface(child.stdout), 'line').then(([text]) => text as string),
    once(child, 'close').then(() => undefined),
  ]);
  if (line === undefined) throw new Error(errors.trim());
  const server = JSON.parse(line) as Omit<Radosgw, 'stop'>;
  return {
    ...server,
    async stop() {
      // It ends with its input.
      child.stdin.end();
      await exited;
    },
  };
}
