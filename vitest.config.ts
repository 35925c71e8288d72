import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';
import { tags } from './test/rig/needed-programs.ts';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    exclude: ['test/torture/**', 'test/contract/**', 'test/playbooks/**', 'test/bench/**', 'node_modules/**'],
    // Tests that start a process start the built one: what is tested is what ships.
    globalSetup: ['test/rig/build.ts'],
    tags,
    reporters: ['default', './test/rig/needed-programs.ts'],
    pool: 'forks',
    // The AWS SDK, which tests use as a user's client would, warns in every process of Node.js 20.
    env: { AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true' },
    // Most tests wait for a server: more of them than cores keep the cores at work.
    maxWorkers: Math.max(3, availableParallelism()),
    testTimeout: 30_000,
    hookTimeout: 60_000,
  },
});
