import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, expect, it } from 'vitest';
import { compileChild } from '../rig/compile-child.ts';
import { tortureCount } from '../rig/mutation.ts';
import { SEED } from '../rig/seed.ts';

const ROOT = resolve(import.meta.dirname, '../..');
const PLAYBOOKS = join(ROOT, 'playbooks');
const count = tortureCount(2000);
// Where the child finds the libraries that it imports.
const folder = mkdtempSync(join(ROOT, 'node_modules', '.drillbook-mutated-'));
const child = await compileChild(new URL('mutated/child.ts', import.meta.url), folder);

let found = 0;
// What was found lies there to be looked at.
afterAll(() => (found === 0 ? rmSync(folder, { recursive: true, force: true }) : undefined));

interface Said {
  readonly index?: number;
  readonly problem?: string;
  readonly done?: number;
  readonly slowest?: number;
}

/** Loads a share of the mutated files in a process of its own; one that stands still for a minute is ended. */
async function share(first: number, many: number): Promise<readonly Said[]> {
  const place = mkdtempSync(join(folder, 'share-'));
  const args = [child, PLAYBOOKS, place, SEED, first, many].map(String);
  const loading = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const exited = once(loading, 'exit');
  const said: Said[] = [];
  let last: Said = {};
  let watch: NodeJS.Timeout | undefined;
  for await (const line of createInterface({ input: loading.stdout })) {
    last = JSON.parse(line) as Said;
    if (last.problem !== undefined || last.done !== undefined) said.push(last);
    clearTimeout(watch);
    watch = setTimeout(() => loading.kill('SIGKILL'), 60_000);
  }
  clearTimeout(watch);
  const [exitCode, signal] = (await exited) as [number | null, string | null];
  if (last.done === undefined) said.push({ ...last, problem: `ended with ${String(exitCode ?? signal)}` });
  return said;
}

it(`of ${count} mutated playbooks, environments and answers (seed ${SEED}) none crashes or hangs a loader, and each diagnostic has its place`, async () => {
  process.stderr.write(`DRILLBOOK_SEED=${SEED} TORTURE_COUNT=${count} npm run torture\n`);
  const shares = availableParallelism();
  const many = Math.ceil(count / shares);
  const said = await Promise.all(Array.from({ length: shares }, (_, index) => share(index * many, many)));
  const problems = said.flat().filter(({ problem }) => problem !== undefined);
  found = problems.length;
  expect(problems, `the files are in ${folder}`).toEqual([]);
  const slowest = Math.max(...said.flat().map((each) => each.slowest ?? 0));
  process.stderr.write(`the slowest took ${slowest} ms of the processor\n`);
});
