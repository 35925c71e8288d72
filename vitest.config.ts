import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';
import { SlowFirst } from './test/rig/slow-first.ts';
import { suite } from './test/rig/suite.ts';

/** What is tested without a server or a process of its own. */
const PURE = [
  ...[
    'base',
    'source',
    'model',
    'expression',
    'load',
    'journal',
    'interpret',
    'measure',
    'present',
    'report',
  ],
].map((folder) => `test/${folder}/**/*.test.ts`);
const KINDS = ['test/kinds/**/*.test.ts'];
/** What starts whole worlds has a command of its own. */
const WORLDS = ['test/sandbox/*.test.ts', 'test/sandbox/{parts,faults}/**', 'test/cli/drills/**'];
const OTHER_SUITES = [
  ...['torture', 'contract', 'playbooks', 'bench'].map((folder) => `test/${folder}/**`),
  ...WORLDS,
];

export default defineConfig({
  test: {
    ...suite,
    // Files that share a worker share its modules too: loading them anew took a second of the processor for each file,
    // half of what most files of a kind took in all. What a test sets in its process (a variable, a listener) it takes back.
    // Where commands and worlds are started it is the other way round: that takes the longer the more memory the worker has.
    projects: [
      { extends: true, test: { name: 'pure', include: PURE, isolate: false } },
      { extends: true, test: { name: 'kinds', include: KINDS, isolate: false } },
      {
        extends: true,
        test: {
          name: 'whole',
          include: ['test/**/*.test.ts'],
          exclude: [...OTHER_SUITES, ...KINDS, ...PURE],
        },
      },
    ],
    sequence: { sequencer: SlowFirst },
    // Tests that start a process start the built one: what is tested is what ships.
    globalSetup: ['test/rig/build.ts'],
    // Most tests wait for a server: more of them than cores keep the cores at work.
    maxWorkers: Math.max(3, availableParallelism()),
  },
});
