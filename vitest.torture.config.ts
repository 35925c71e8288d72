import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';
import { suite } from './test/rig/suite.ts';

// Long runs that kill processes at every moment: `npm run torture`.
export default defineConfig({
  test: {
    ...suite,
    include: ['test/torture/**/*.test.ts'],
    globalSetup: ['test/rig/build.ts'],
    // Each life is a process of its own that mostly starts.
    maxConcurrency: Math.max(3, availableParallelism()),
    testTimeout: 600_000,
  },
});
