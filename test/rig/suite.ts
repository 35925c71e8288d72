import { readFileSync, statfsSync } from 'node:fs';
import { PATIENCE_MS } from './patience.ts';
import { tags } from './needed-programs.ts';
import { SEED } from './seed.ts';

/** What the configurations of all suites have in common. */
export const suite = {
  tags,
  reporters: ['default', './test/rig/needed-programs.ts', './test/rig/seed.ts'],
  pool: 'forks' as const,
  expect: { poll: { timeout: PATIENCE_MS } },
  // They end what hangs. No test is that slow, but a machine that does other things as well can be.
  testTimeout: 2 * PATIENCE_MS,
  hookTimeout: 2 * PATIENCE_MS,
  env: {
    DRILLBOOK_SEED: String(SEED),
    // The AWS SDK, which tests use as a user's client would, warns in every process of Node.js 20.
    AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true',
    ...temporaryFiles(),
  },
};

/**
 * Tests write thousands of files that nobody keeps, whole database servers among them: on Linux they go into
 * memory where there is plenty of it, unless `TMPDIR` says where they go.
 */
function temporaryFiles(): { readonly TMPDIR?: string } {
  const memory = '/dev/shm';
  const enough = 4 * 1024 ** 3;
  try {
    if (process.env['TMPDIR'] !== undefined || process.availableMemory() < 2 * enough) return {};
    const { bavail, bsize } = statfsSync(memory);
    const mount = readFileSync('/proc/mounts', 'utf8')
      .split('\n')
      .findLast((line) => line.split(' ')[1] === memory);
    // Programs are started from there.
    const isOpen = mount !== undefined && !mount.includes('noexec') && mount.startsWith('tmpfs');
    return isOpen && bavail * bsize >= enough ? { TMPDIR: memory } : {};
  } catch {
    return {}; // there is no such folder here
  }
}
