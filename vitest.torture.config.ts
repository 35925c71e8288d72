import { defineConfig } from 'vitest/config';

// Long runs that kill processes at every moment: `npm run torture`.
export default defineConfig({
  test: {
    include: ['test/torture/**/*.test.ts'],
    globalSetup: ['test/rig/build.ts'],
    pool: 'forks',
    testTimeout: 600_000,
  },
});
