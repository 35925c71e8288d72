import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';
import { SlowFirst } from './test/rig/slow-first.ts';
import { suite } from './test/rig/suite.ts';

const OTHER_SUITES = ['torture', 'contract', 'playbooks', 'bench'].map((folder) => `test/${folder}/**`);

export default defineConfig({
  test: {
    ...suite,
    include: ['test/**/*.test.ts'],
    exclude: OTHER_SUITES,
    // Tests of several files run in one process after each other: loading drillbook anew for each took a fifth of the time.
    isolate: false,
    sequence: { sequencer: SlowFirst },
    // Tests that start a process start the built one: what is tested is what ships.
    globalSetup: ['test/rig/build.ts'],
    // Most tests wait for a server: more of them than cores keep the cores at work.
    maxWorkers: Math.max(3, availableParallelism()),
    // They end what hangs. No test is that slow, but a machine that does other things as well can be.
    testTimeout: 120_000,
    hookTimeout: 120_000,
  },
});
