import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { sep } from 'node:path';
import { promisify } from 'node:util';
import { findProgram } from '../../base/programs.ts';

const run = promisify(execFile);

/** Where the kernel lists what is mounted, as this process sees it: the place is the fifth of a line. */
const MOUNTS = '/proc/self/mountinfo';
const PLACE = 4;

/** Takes away all file systems that are mounted at a folder, or inside of it. */
export async function unmountIn(folder: string): Promise<void> {
  const lines = (await readFile(MOUNTS, 'utf8').catch(() => '')).split('\n');
  const places = lines
    .map((line) => decoded(line.split(' ')[PLACE] ?? ''))
    .filter((place) => place === folder || place.startsWith(`${folder}${sep}`));
  // The last first: one can lie in another.
  for (const place of places.reverse()) await unmount(place);
}

/** One that somebody still looks into goes as soon as he has left. */
async function unmount(place: string): Promise<void> {
  const program = (await findProgram('umount')) ?? 'umount';
  await run(program, [place]).catch(() => run(program, ['--lazy', place]).catch(() => undefined));
}

/** Blanks and the like are written as their numbers: `\040`. */
const decoded = (text: string): string =>
  text.replaceAll(/\\(\d{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)));
