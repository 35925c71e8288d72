import type { TestProject } from 'vitest/node';
import { isMissing } from '../rig/needed-programs.ts';
import type { Radosgw } from '../rig/radosgw.ts';
import { RADOSGW, startRadosgw } from '../rig/radosgw.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** How to reach the real server; undefined where only the sandbox is asked. */
    readonly radosgw: Omit<Radosgw, 'stop'> | undefined;
  }
}

/** One real server for all files of the suite; where its programs are missing, its tests are skipped. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  if (process.env['CONTRACT'] === 'sandbox' || isMissing(...RADOSGW)) return () => Promise.resolve();
  const { url, accessKeyId, secretAccessKey, stranger, stop } = await startRadosgw();
  project.provide('radosgw', { url, accessKeyId, secretAccessKey, stranger });
  return stop;
}
