import { readFileSync } from 'node:fs';

/** The right to mount file systems, among the capabilities of Linux. */
const MAY_MOUNT = 1n << 21n;

/**
 * What is wrong, and what to do, where this process cannot give a part a small disk of its own, which is a file system
 * in memory; undefined where it can.
 */
export function lackOfDisk(): { readonly what: string; readonly hint: string } | undefined {
  if (process.platform !== 'linux')
    return { what: 'a disk of its own is made on Linux only', hint: 'Take disk out, or drill on Linux.' };
  if ((capabilities() & MAY_MOUNT) !== 0n) return undefined;
  return {
    what: 'a disk of its own is a small file system, which only root may mount',
    hint: 'Run drillbook as root (sudo), in a container with --cap-add SYS_ADMIN; or take disk out.',
  };
}

/** Of this process; none where the kernel does not tell. */
function capabilities(): bigint {
  try {
    const held = /^CapEff:\s*([0-9a-f]+)$/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1];
    return BigInt(`0x${held ?? '0'}`);
  } catch {
    return 0n;
  }
}
