import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { applyToState, emptyState } from '../../engine/interpret/life/state.ts';
import { createFolderStore } from '../../engine/journal/folder-store.ts';
import { Redactor } from '../../engine/journal/redact.ts';
import type { Event } from '../../engine/model/event.ts';
import { renderReport } from '../../engine/report/report.ts';
import { FakeClock } from '../rig/fake-clock.ts';

/**
 * Journals of every release, read by the engine of today. A release adds a folder, and
 * `UPDATE_JOURNALS=1 npx vitest run test/journal/releases.test.ts` writes what is missing beside its journals.
 */
const JOURNALS = join(import.meta.dirname, '..', 'journals');

const kept = readdirSync(JOURNALS, { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .flatMap(({ name }) => readdirSync(join(JOURNALS, name)).map((run) => [name, run] as const));

const root = mkdtempSync(join(tmpdir(), 'drillbook-journals-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

const store = createFolderStore(root, { clock: new FakeClock(), redactor: new Redactor() });

/** What resume goes by, as far as the first release knew of it. */
function stateOf(events: readonly Event[]): unknown {
  const state = events.reduce(applyToState, emptyState());
  const { startedAt, finished, abort, steps, entered, left, branches, inputs, marks, recorded, debts } =
    state;
  return JSON.parse(
    JSON.stringify({
      startedAt,
      outcome: finished?.outcome,
      abort: abort?.reason,
      steps: [...steps].map(([key, { attempt, checkpoint, finished: end, gates }]) => [
        key,
        {
          attempt,
          checkpoint,
          outcome: end?.outcome,
          conclusion: end?.conclusion,
          output: end?.output,
          gates,
        },
      ]),
      entered: [...entered],
      left: [...left].map(([key, { outcome, output }]) => [key, { outcome, output }]),
      branches: [...branches],
      inputs: [...inputs],
      marks: [...marks],
      recorded: [...recorded],
      debts: [...debts],
      verificationFailed: state.verificationFailed,
    }),
  );
}

/** What was written beside the journal when it was new; written now where it is missing and that is asked for. */
function beside(folder: string, name: string, value: unknown): unknown {
  const path = join(folder, name);
  if (!existsSync(path) && process.env['UPDATE_JOURNALS'] === '1') {
    writeFileSync(path, `${JSON.stringify(value, null, 2)}\n`);
  }
  return JSON.parse(readFileSync(path, 'utf8'));
}

describe.each(kept)('the journal that %s wrote of the run that %s', (release, run) => {
  const folder = join(JOURNALS, release, run);
  const id = `${release.replaceAll('.', '-')}-${run}`;
  mkdirSync(join(root, 'runs', id), { recursive: true });
  for (const name of ['journal.jsonl', 'journal.head']) {
    cpSync(join(folder, name), join(root, 'runs', id, name));
  }

  it('is whole', async () => {
    expect(await store.verify(id)).toMatchObject({ ok: true, sealed: true });
  });

  it('gives the same state', async () => {
    const state = stateOf(await store.read(id));
    expect(state).toEqual(beside(folder, 'state.json', state));
  });

  it('gives the same report', async () => {
    const report: unknown = JSON.parse(renderReport(await store.read(id), { format: 'json' }));
    // The number of the report's own format goes up with it; what it said of this run is the same.
    const then: unknown = beside(folder, 'report.json', report);
    expect(report).toMatchObject({ ...(then as object), version: 2 });
  });
});
