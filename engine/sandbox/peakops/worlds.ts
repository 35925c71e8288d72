import type { Application } from './application.ts';
import { full } from './full.ts';
import { inProcess } from './in-process.ts';

/** By the name of their world; the first is what a drill gets that asks for none. */
const APPLICATIONS: Readonly<Record<string, Application>> = {
  peakops: inProcess(full),
};

export const WORLDS: readonly string[] = Object.keys(APPLICATIONS);

/** Throws for a world that there is not. */
export function applicationOf(world = 'peakops'): Application {
  const found = APPLICATIONS[world];
  if (found === undefined) throw new Error(`there is no world ${world}: there are ${WORLDS.join(' and ')}`);
  return found;
}
