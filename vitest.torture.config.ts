import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';
import { tags } from './test/rig/needed-programs.ts';

// Long runs that kill processes at every moment: `npm run torture`.
export default defineConfig({
  test: {
    include: ['test/torture/**/*.test.ts'],
    globalSetup: ['test/rig/build.ts'],
    tags,
    reporters: ['default', './test/rig/needed-programs.ts'],
    pool: 'forks',
    // Each life is a process of its own that mostly starts.
    maxConcurrency: Math.max(3, availableParallelism()),
    testTimeout: 600_000,
  },
});
