import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { pageExtras } from '../../engine/cli/page-extras.ts';
import type { Event, EventBody, SourceText } from '../../engine/model/event.ts';
import { testStore } from '../journal/rig.ts';
import { finished, started, stepFinished, stepStarted } from '../measure/rig.ts';
import { temporaryFolder } from '../rig/drillbook.ts';

const PLAYBOOK = `version: 1
id: web-down
title: The web server is down
summary: It is started again.
objectives: { rto: { target: 10m, from: declared, to: verified } }
steps:
  - id: start
    title: Start it
    uses: wait
    with: { for: 1s }
    expect: 1m
  - id: done
    title: It runs
    mark: verified
    uses: wait
    with: { for: 1s }
`;
const ENVIRONMENT = `version: 1
name: staging
kind: staging
services:
  web: { name: web, fingerprint: { workspace: tea-1, region: frankfurt } }
  worker: { name: worker }
`;

const source = (role: SourceText['role'], path: string, text: string): SourceText => ({
  ...{ role, path, text, sha256: '0'.repeat(64) },
});

const SOURCES = [
  source('playbook', 'playbooks/web-down.yaml', PLAYBOOK),
  source('environment', 'playbooks/environments/staging.yaml', ENVIRONMENT),
];

/** A run in which the start took so many minutes. */
async function write(
  { store, clock }: ReturnType<typeof testStore>,
  run: string,
  minutes: number,
  sources: readonly SourceText[] = SOURCES,
): Promise<readonly Event[]> {
  const open = await store.create(run);
  const objectives = { rto: { targetMs: 600_000, from: 'declared', to: 'verified' } };
  const environment = { name: 'staging', kind: 'staging' } as const;
  const note: EventBody = { type: 'note.added', text: 'Start the worker first', by: 'ada', key: 'start' };
  await open.journal.append(
    started({ run, playbook: 'web-down', sources, objectives, environment }),
    stepStarted('start'),
  );
  clock.pass(minutes * 60_000);
  await open.journal.append(
    stepFinished('start'),
    stepStarted('done'),
    note,
    stepFinished('done'),
    finished(),
  );
  await open.seal();
  await open.close();
  return store.read(run);
}

describe('what a page tells of a run besides its events', () => {
  it('is what was expected, by the runs before it and not by those since', async () => {
    const rig = testStore(join(temporaryFolder(), 'store'));
    await write(rig, '20260101-0900-aaaa', 3);
    const events = await write(rig, '20260102-0900-bbbb', 5);
    await write(rig, '20260103-0900-cccc', 9);
    const { forecasts } = await pageExtras(rig.store, '20260102-0900-bbbb', events);
    expect(forecasts?.[0]).toMatchObject({ elapsedMs: 0, totalMs: { p50: 180_000 } });
  });

  it('is its environment, and by what its targets are told from others', async () => {
    const rig = testStore(join(temporaryFolder(), 'store'));
    const { targets } = await pageExtras(rig.store, 'r', await write(rig, 'r', 1));
    expect(targets).toEqual([
      { path: 'services.web', fingerprint: 'workspace: tea-1, region: frankfurt' },
      { path: 'services.worker' },
    ]);
  });

  it('is what it proposes, as a diff of the playbook that it saw', async () => {
    const rig = testStore(join(temporaryFolder(), 'store'));
    const { patches } = await pageExtras(rig.store, 'r', await write(rig, 'r', 4));
    expect(patches?.join('')).toContain('+++ b/playbooks/web-down.yaml');
    expect(patches?.join('')).toMatch(/^\+ +# .*Start the worker first/m);
  });

  it('is nothing of files that this version does not read, or that are not there', async () => {
    const rig = testStore(join(temporaryFolder(), 'store'));
    const other = [source('playbook', 'p.yaml', 'version: 9\n')];
    expect(await pageExtras(rig.store, 'r', await write(rig, 'r', 1, other))).toEqual({ targets: [] });
    expect(await pageExtras(rig.store, 'q', [])).toEqual({});
  });
});
