import { defineConfig } from 'vitest/config';
import { suite } from './test/rig/suite.ts';

// What the sandbox's S3 service does, asked of it and of a real S3 server: `npm run contract`.
// `CONTRACT=sandbox` leaves the real one out.
export default defineConfig({
  test: {
    ...suite,
    include: ['test/contract/**/*.test.ts'],
    globalSetup: ['test/contract/real-server.ts'],
  },
});
