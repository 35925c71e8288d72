import type { Application, Place } from './application.ts';
import { openDjango } from './django/application.ts';
import { full } from './full.ts';
import { inProcess } from './in-process.ts';
import { plain } from './plain.ts';

/** Puts an application into a world. */
export type OpenApplication = (place: Place) => Promise<Application>;

/** By the name of their world; the first is what a drill gets that asks for none. */
const APPLICATIONS: Readonly<Record<string, OpenApplication>> = {
  peakops: () => Promise.resolve(inProcess(full)),
  'peakops-plain': () => Promise.resolve(inProcess(plain)),
  'peakops-django': openDjango,
};

export const WORLDS: readonly string[] = Object.keys(APPLICATIONS);

/** Throws for a world that there is not. */
export function applicationOf(world = 'peakops'): OpenApplication {
  const found = APPLICATIONS[world];
  if (found === undefined) throw new Error(`there is no world ${world}: there are ${WORLDS.join(' and ')}`);
  return found;
}
