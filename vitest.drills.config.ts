import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';
import { suite } from './test/rig/suite.ts';

// Every shipped playbook, drilled in the sandbox by the command as it ships, one test per branch, and what else
// plays whole drills: `npm run drills`.
export default defineConfig({
  test: {
    ...suite,
    include: ['test/playbooks/**/*.test.ts', 'test/cli/drills/**/*.test.ts'],
    globalSetup: ['test/rig/build.ts'],
    // A drill mostly waits: for servers that start, for moments that can be targeted, for checks to be stable.
    maxWorkers: Math.max(4, availableParallelism()),
    testTimeout: 180_000,
  },
});
