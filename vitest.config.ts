import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';
import { SlowFirst } from './test/rig/slow-first.ts';
import { suite } from './test/rig/suite.ts';

/** What is tested without a server, a terminal or a process of its own: these share a worker's modules. */
const PURE = ['base', 'source', 'expression', 'load', 'journal', 'interpret', 'measure', 'report'].map(
  (folder) => `test/${folder}/**/*.test.ts`,
);
const OTHER_SUITES = ['torture', 'contract', 'playbooks', 'bench'].map((folder) => `test/${folder}/**`);

export default defineConfig({
  test: {
    ...suite,
    // Where processes are started it is the other way round: starting one takes the longer the more memory the worker has.
    projects: [
      { extends: true, test: { name: 'pure', include: PURE, isolate: false } },
      {
        extends: true,
        test: { name: 'whole', include: ['test/**/*.test.ts'], exclude: [...OTHER_SUITES, ...PURE] },
      },
    ],
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
