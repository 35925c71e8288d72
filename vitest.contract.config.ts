import { defineConfig } from 'vitest/config';
import { tags } from './test/rig/needed-programs.ts';

// What the sandbox's S3 service does, asked of it and of a real S3 server: `npm run contract`.
// `CONTRACT=sandbox` leaves the real one out.
export default defineConfig({
  test: {
    include: ['test/contract/**/*.test.ts'],
    globalSetup: ['test/contract/real-server.ts'],
    tags,
    reporters: ['default', './test/rig/needed-programs.ts'],
    pool: 'forks',
    // The AWS SDK, which tests use as a user's client would, warns in every process of Node.js 20.
    env: { AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true' },
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
});
