import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { temporaryFolder } from '../rig/drillbook.ts';
import { DRILL_MS, derived, rehearse } from '../rig/rehearsal.ts';

/** Nobody may come in from outside; then a restore as it ships, and a look at who may come in during it. */
const CLOSED = `version: 1
id: closed-database
title: A restore of a database that is closed to the outside
summary: What is made is closed too, and this machine is let in for as long as it lasts.
needs: [databases.main]
rehearsals:
  asUsual: { title: Nothing is broken, fault: none, answers: { source: backup, "*": go } }
steps:
  - id: close
    title: Nobody may come in from outside
    uses: render.allow-ip
    with: { database: "\${{ env.databases.main }}", exactly: [] }
  - id: restore
    title: Restore the newest backup
    uses: playbook
    with: { playbook: full-database-restore }
`;

test('a restore lets this machine in to the old and the new database, and in the end to neither', { timeout: DRILL_MS }, async () => {
  const folder = temporaryFolder();
  writeFileSync(join(folder, 'closed-database.yaml'), CLOSED);
  const { exitCode, report, outputs, left } = await rehearse('closed-database', {
    args: ['--playbooks', folder],
  });
  expect(exitCode).toBe(0);
  expect(outputs['restore/openOld']).toMatchObject({ previous: [], added: ['127.0.0.1/32'] });
  // Made like the old one, which this machine had been let in to.
  expect(outputs['restore/alike']).toMatchObject({ same: true });
  expect(outputs['restore/open']).toMatchObject({ list: [{ cidrBlock: '127.0.0.1/32' }] });
  expect(report.debts.map(({ key, how }) => `${key} ${how ?? ''}`)).toEqual(
    expect.arrayContaining(['restore/openOld paid', 'restore/open paid']),
  );
  expect(left).toEqual([]);
});

const CLOSE = `
  - id: close
    title: Nobody may come in from outside
    uses: render.allow-ip
    with: { database: "\${{ env.databases.main }}", exactly: [] }
`;

test.each([
  ['accidental-deletion', 'insideWindow'],
  ['backup-database', 'daily'],
  ['database-corruption', 'someTables'],
  ['database-corruption', 'wholeDatabase'],
  ['import-table', 'inspections'],
  ['monthly-verification', 'restore'],
])('%s (%s) lets this machine in to the live database, and in the end to none', { timeout: DRILL_MS }, async (playbook, rehearsal) => {
  const { id, args } = derived(playbook, CLOSE);
  const { exitCode, report, outputs, left } = await rehearse(id, { rehearsal, args });
  expect(exitCode).toBe(0);
  expect(outputs['openLive']).toMatchObject({ previous: [], added: ['127.0.0.1/32'] });
  expect(report.debts).toContainEqual(expect.objectContaining({ key: 'openLive', how: 'paid' }));
  // A procedure that is called finds it open, and leaves it so.
  const closed = Object.entries(outputs).filter(([key]) => /^(?:wholeDatabase\/)?open[A-Za-z]*!undo/.test(key));
  expect(closed.map(([key, { list }]) => [key, list])).toEqual(closed.map(([key]) => [key, []]));
  expect(closed).not.toEqual([]);
  expect(left).toEqual([]);
});

/** Called by others, which have opened it; and an outage, in which Render cannot be asked to. */
const OPENED_BY_OTHERS = [
  'after-going-back',
  'complete-outage',
  'look-back',
  'stop-writers',
  'verify-application',
];

test('each shipped playbook that asks the live database lets this machine in first', () => {
  const folder = fileURLToPath(new URL('../../playbooks/', import.meta.url));
  const asking = readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => /^(?:procedures\/|checklists\/)?[a-z0-9-]+\.yaml$/.test(name))
    .map((name) => ({ name: basename(name, '.yaml'), text: readFileSync(join(folder, name), 'utf8') }))
    .filter(({ text }) => /uses: (?:sql\.|postgres\.|s3\.compare-keys)/.test(text))
    .filter(({ text }) => /(?:database|left|right|from|to): "?\$\{\{ env\.databases\.main \}\}/.test(text));
  expect(asking.length).toBeGreaterThan(10);
  const closed = asking.filter(({ text }) => !text.includes('uses: render.allow-ip')).map(({ name }) => name);
  expect(closed.toSorted()).toEqual(OPENED_BY_OTHERS);
});
