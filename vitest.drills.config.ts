import { readdirSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';
import { aShare } from './test/rig/draw.ts';
import { IS_DRAWN } from './test/rig/drawn.ts';
import { suite } from './test/rig/suite.ts';

const EVERY_REHEARSAL = 'test/playbooks/every-rehearsal/*.test.ts';
const FOLDERS = [
  'test/playbooks',
  'test/cli/drills',
  ...['', '/parts', '/faults'].map((room) => `test/sandbox${room}`),
];
const files = FOLDERS.flatMap((folder) =>
  readdirSync(folder)
    .filter((name) => name.endsWith('.test.ts'))
    .toSorted()
    .map((name) => `${folder}/${name}`),
);

// Every shipped playbook, drilled in the sandbox by the command as it ships, one test per branch, what else plays whole
// drills, and the worlds themselves: `npm run drills`. In its short form every second file, and what the others draw
// themselves.
export default defineConfig({
  test: {
    ...suite,
    include: [...(IS_DRAWN ? aShare(2, 'drills', files) : files), EVERY_REHEARSAL],
    globalSetup: ['test/rig/build.ts'],
    // A drill mostly waits: for servers that start, for moments that can be targeted, for checks to be stable.
    maxWorkers: Math.max(4, availableParallelism()),
    testTimeout: 180_000,
  },
});
