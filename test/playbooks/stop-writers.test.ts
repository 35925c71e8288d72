import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { temporaryFolder } from '../rig/drillbook.ts';
import { DRILL_MS, rehearse } from '../rig/rehearsal.ts';

/** A table that nobody needs, made by somebody with a shell. */
const WRITE = `uses: sql.execute
    with: { database: "\${{ env.databases.main }}", statement: create table somebody_writes () }
    effect: write
    touches: "\${{ env.databases.main }}"`;

/** The writers are stopped for a database that is left; then somebody tries to write, and the run is given up. */
const GIVEN_UP = `version: 1
id: given-up
title: A recovery that is given up
summary: The old database is left, and then it is the one in use again.
needs: [databases.main]
rehearsals:
  asUsual: { title: Nothing is broken, fault: none, answers: { "*": go } }
steps:
  - id: halt
    title: Stop whoever writes
    uses: playbook
    with: { playbook: stop-writers, inputs: { database: left } }
  - id: refused
    title: Somebody tries to write
    ${WRITE}
    expectFailure: error.code == "25006"
  - id: again
    title: A run that was killed does it once more
    uses: playbook
    with: { playbook: stop-writers, inputs: { database: left } }
  - id: change
    title: The new database is not what it should be
    uses: assert
    with: {}
    assert: [{ that: "false", else: It is not good }]
    onFailure: abort
always:
  - id: taken
    title: Somebody writes again
    ${WRITE}
`;

/** Somebody is connected whom no environment names, and stays. */
const STRANGER = `version: 1
id: stranger
title: Somebody is connected whom nobody has thought of
summary: The writers are stopped beside a session that stays.
needs: [databases.main]
rehearsals:
  asUsual: { title: Nothing is broken, fault: none, answers: { "*": go } }
steps:
  - id: both
    parallel:
      branches:
        stranger:
          steps:
            - id: stays
              title: A nightly report stays connected
              uses: sql.execute
              with:
                database: "\${{ env.databases.main }}"
                statement: do $$ begin perform set_config('application_name', 'nightly-report', false); perform pg_sleep(60); end $$
              effect: write
              touches: "\${{ env.databases.main }}"
        stop:
          steps:
            - id: halt
              title: Stop whoever writes
              uses: playbook
              with: { playbook: stop-writers, inputs: { database: left } }
`;

const STOP_WRITERS = join(import.meta.dirname, '..', '..', 'playbooks', 'procedures', 'stop-writers.yaml');

describe('whoever writes', () => {
  test('is stopped, a database that is left takes no more writes, and an abort puts both back', { timeout: DRILL_MS }, async () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, 'given-up.yaml'), GIVEN_UP);
    const { exitCode, report, outcomes, left } = await rehearse('given-up', { args: ['--playbooks', folder] });
    expect(exitCode).toBe(3);
    expect(outcomes).toMatchObject({
      'halt/stop[api]/stop': 'succeeded',
      'halt/held[worker]/held': 'succeeded',
      'halt/readOnly': 'succeeded',
      'halt/gone': 'succeeded',
      'halt/closed': 'succeeded',
      refused: 'succeeded',
      'again/readOnly': 'succeeded',
      'always/taken': 'succeeded',
    });
    expect(report.debts.map(({ key, how }) => `${key} ${how ?? ''}`).toSorted()).toEqual([
      'again/readOnly paid',
      'again/stop[api]/stop paid',
      'again/stop[worker]/stop paid',
      'halt/readOnly paid',
      'halt/stop[api]/stop paid',
      'halt/stop[worker]/stop paid',
    ]);
    expect(left).toEqual([]);
  });

  test('and is named nowhere is named by the step that waits for it', { timeout: DRILL_MS }, async () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, 'stranger.yaml'), STRANGER);
    // As it is shipped, but that nobody is asked what to do when they have waited long enough.
    const shipped = readFileSync(STOP_WRITERS, 'utf8');
    const impatient = shipped
      .replace('timeout: 2m\n          show: "connected', 'timeout: 5s\n          show: "connected')
      .replace('mark: fenced', 'onFailure: abort\n        mark: fenced');
    expect(impatient).toMatch(/timeout: 5s\n[^]*onFailure: abort/);
    writeFileSync(join(folder, 'stop-writers.yaml'), impatient);
    const { exitCode, report, outcomes, left } = await rehearse('stranger', { args: ['--playbooks', folder] });
    expect(exitCode).toBe(3);
    expect(outcomes).toMatchObject({ 'both/stop/halt/readOnly': 'succeeded' });
    const gone = report.steps.find(({ key }) => key === 'both/stop/halt/gone');
    expect(gone?.error?.message).toMatch(/^not yet so after .*: connected: nightly-report from 127\.0\.0\.1$/);
    expect(left).toEqual([]);
  });

  test('of a database that is kept is only stopped, and in the end resumed', { timeout: DRILL_MS }, async () => {
    const { exitCode, report, outcomes, left } = await rehearse('stop-writers');
    expect(exitCode).toBe(0);
    expect(outcomes).toMatchObject({ 'stop[api]/stop': 'succeeded', readOnly: 'skipped', gone: 'succeeded' });
    expect(report.debts.map(({ key, how }) => `${key} ${how ?? ''}`).toSorted()).toEqual([
      'stop[api]/stop paid',
      'stop[worker]/stop paid',
    ]);
    expect(left).toEqual([]);
  });
});
