// One process of Node.js from start to end, for the benchmarks of start-up and of checking.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

export const ROOT = join(import.meta.dirname, '..', '..');
export const MAIN = join(ROOT, 'dist', 'cli', 'main.cjs');
const USAGE = join(import.meta.dirname, 'usage.cjs');

/** Certificates from the environment cost every Node.js 50 ms at start: not what is measured here. */
const environment = { ...process.env, NODE_EXTRA_CA_CERTS: '' };

/** Milliseconds by the clock and of the processors, MiB at the most. */
export function runNode(args) {
  const start = process.hrtime.bigint();
  const { status, output } = spawnSync(process.execPath, ['--require', USAGE, ...args], {
    env: environment,
    cwd: ROOT,
    stdio: ['ignore', 'ignore', 'inherit', 'pipe'],
    maxBuffer: 64 * 1024 * 1024,
  });
  const wall = Number(process.hrtime.bigint() - start) / 1e6;
  if (status !== 0) throw new Error(`node ${args.slice(0, 3).join(' ')} … ended with ${status}`);
  return { wall, ...JSON.parse(output[3].toString()) };
}
