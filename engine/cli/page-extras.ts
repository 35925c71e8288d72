import { isValueMap, encodeValue } from '../base/value.ts';
import type { Store } from '../journal/store.ts';
import { loadEnvironment } from '../load/environment.ts';
import { improve } from '../load/improve.ts';
import { forecastCourse } from '../measure/forecast-course.ts';
import type { Expected } from '../measure/forecast-course.ts';
import { tellable } from '../model/blind.ts';
import { TARGET_GROUPS } from '../model/environment.ts';
import type { Event, RunStarted } from '../model/event.ts';
import { isEvidence } from '../model/mode.ts';
import type { Playbook } from '../model/playbook.ts';
import { reportData } from '../report/data.ts';
import { valueText } from '../report/labels.ts';
import type { PageExtras, ShownTarget } from '../report/page/extras.ts';
import { patchOf } from './patches.ts';
import { earlierDurations, forecastPlan } from './run/headline.ts';
import { asFile, knownPlaybook } from './run/recorded-playbook.ts';

/**
 * What a page tells of a run besides its events: made of the files that its journal holds, and of the runs before it.
 * A journal of another version may hold files that this one does not read: the report goes without.
 */
export async function pageExtras(store: Store, run: string, happened: readonly Event[]): Promise<PageExtras> {
  const events = tellable(happened);
  const started = events.find((event) => event.type === 'run.started');
  if (started === undefined) return {};
  const playbook = await knownPlaybook(started);
  const targets = await targetsOf(started, events);
  if (playbook === undefined) return { targets };
  const patches = await patchesOf(playbook, events);
  return {
    targets,
    patches,
    ...(isEvidence(started.mode) && { forecasts: await expectedThen(store, run, playbook, events) }),
  };
}

/** A sandbox says what it consists of once it has started. */
async function targetsOf({ sources }: RunStarted, events: readonly Event[]): Promise<readonly ShownTarget[]> {
  const world = events.findLast((event) => event.type === 'world.started');
  const source = world?.environment ?? sources.find(({ role }) => role === 'environment');
  if (source === undefined) return [];
  const { value: environment } = await loadEnvironment(asFile(source), () => Promise.resolve(undefined));
  return TARGET_GROUPS.flatMap((group) => {
    const targets = environment?.data[group];
    if (!isValueMap(targets)) return [];
    return Object.entries(targets).flatMap(([name, target]) => {
      if (!isValueMap(target)) return [];
      const known = group === 'hosts' ? target['hostKey'] : target['fingerprint'];
      return [
        {
          path: `${group}.${name}`,
          ...(known !== undefined && { fingerprint: valueText(encodeValue(known)) }),
        },
      ];
    });
  });
}

/** Of the playbook as the run saw it: `improve` looks at the file of today. */
async function patchesOf(playbook: Playbook, events: readonly Event[]): Promise<readonly string[]> {
  const { files } = improve(reportData(events, false).proposals, playbook, playbook);
  return Promise.all(files.map(patchOf));
}

const expectedThen = async (
  store: Store,
  run: string,
  playbook: Playbook,
  events: readonly Event[],
): Promise<readonly Expected[]> =>
  forecastCourse({ events, plan: forecastPlan(playbook), history: await earlierDurations(store, run) });
