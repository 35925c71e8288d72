import type { ChildProcess } from 'node:child_process';
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { reservePort } from '../../../engine/sandbox/ground/port.ts';
import { compileChild } from '../../rig/compile-child.ts';

/** Drawn by chance, so many would have thirty pairs of the same. */
const PROCESSES = 5;
const EACH = 150;
/** Linux gives outgoing connections the ports from here on, macOS from 49152. */
const OUTGOING = 32_768;

const children: ChildProcess[] = [];
let folder: string;
let program: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'drillbook-ports-'));
  program = await compileChild(new URL('./port-child.ts', import.meta.url), folder);
});

afterAll(async () => {
  await Promise.all(
    children.map(async (child) => {
      const gone = once(child, 'exit');
      child.disconnect();
      await gone;
    }),
  );
  await rm(folder, { recursive: true });
});

async function reserveInAnotherProcess(): Promise<readonly number[]> {
  const child = fork(program, [String(EACH)]);
  children.push(child);
  const [ports] = (await once(child, 'message')) as [readonly number[]];
  return ports;
}

test('processes that reserve ports side by side get each its own, none that a connection could take', async () => {
  const others = Array.from({ length: PROCESSES - 1 }, reserveInAnotherProcess);
  const own = Promise.all(Array.from({ length: EACH }, reservePort));
  const ports = (await Promise.all([...others, own])).flat();
  expect(ports).toHaveLength(PROCESSES * EACH);
  expect(new Set(ports).size).toBe(ports.length);
  expect(Math.max(...ports)).toBeLessThan(OUTGOING);
});
