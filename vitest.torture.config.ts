import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';

// Long runs that kill processes at every moment: `npm run torture`.
export default defineConfig({
  test: {
    include: ['test/torture/**/*.test.ts'],
    globalSetup: ['test/rig/build.ts'],
    pool: 'forks',
    // Each life is a process of its own that mostly starts.
    maxConcurrency: Math.max(3, availableParallelism()),
    testTimeout: 600_000,
  },
});
