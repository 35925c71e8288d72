import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { folderLibrary } from '../../engine/load/library.ts';
import { loadPlaybook } from '../../engine/load/playbook.ts';
import { placedSteps } from '../../engine/model/walk.ts';

const ROOT = join(import.meta.dirname, '..', '..');
const PAGE = readFileSync(join(ROOT, 'docs', 'procedures.md'), 'utf8');
const library = folderLibrary([join(ROOT, 'playbooks')]);
const shipped = await library.ids();

/** What a page puts between backticks and could be the id of a playbook. */
const named = new Set(
  [...PAGE.matchAll(/(?<!alerts? |alert.*, )`([a-z][a-z0-9]*(?:-[a-z0-9]+)+)`/g)].map(([, name]) => name!),
);

describe('the page of procedures', () => {
  it('has a row for each procedure of PeakOps', () => {
    const rows = [...PAGE.matchAll(/^\| (M\d+) \|/gm)].map(([, row]) => row);
    expect(rows).toEqual(Array.from({ length: 22 }, (_, index) => `M${index + 1}`));
  });

  it('names playbooks that there are', () => {
    expect([...named].filter((name) => !shipped.includes(name))).toEqual([]);
  });

  // These two are called by the others only.
  it.each(shipped.filter((id) => !['fetch-backup', 'verify-application'].includes(id)))('names %s', (id) => {
    expect(named).toContain(id);
  });
});

/** The rows of the table that goes through the document: the lines, and what stands in the other columns. */
const rows = [...PAGE.matchAll(/^\| (\d+)–(\d+) \| (.*) \|$/gm)].map(([, from, to, rest = '']) => ({
  from: Number(from),
  to: Number(to),
  cells: rest.split(' | '),
}));

/** As many as the document has. */
const LINES = 398;

describe('the table of the document, line by line', () => {
  it('has a home for every line, and one only', () => {
    const gaps = rows.filter(({ from }, index) => from !== (rows[index - 1]?.to ?? 0) + 1);
    expect(gaps).toEqual([]);
    expect(rows.filter(({ from, to }) => to < from)).toEqual([]);
    expect(rows.at(-1)?.to).toBe(LINES);
  });

  it('says of each where it lives, how it is proven, and whether a person is needed', () => {
    expect(
      rows.filter(({ cells }) => cells.length !== 4 || cells.some((cell) => cell.trim() === '')),
    ).toEqual([]);
  });

  it('names tests that there are', () => {
    const tests = rows.flatMap(({ cells }) => [...(cells[2] ?? '').matchAll(/`(test\/[^`]+)`/g)]);
    expect(tests.length).toBeGreaterThanOrEqual(rows.length);
    expect(tests.map(([, file]) => file!).filter((file) => !existsSync(join(ROOT, file)))).toEqual([]);
  });

  it('names steps that there are', async () => {
    const steps = rows.flatMap(({ cells }) => [
      ...(cells[1] ?? '').matchAll(/`([a-z0-9-]+)\/([a-zA-Z0-9]+)`/g),
    ]);
    expect(steps.length).toBeGreaterThan(80);
    const missing: string[] = [];
    for (const [whole, id = '', step = ''] of steps) if (!(await hasStep(id, step))) missing.push(whole);
    expect(missing).toEqual([]);
  });

  it('names alerts that there are', () => {
    const monitors = readFileSync(join(ROOT, 'playbooks', 'monitors.yaml'), 'utf8');
    const alerts = rows
      .flatMap(({ cells }) => [...(cells[1] ?? '').matchAll(/alerts? ((?:`[a-z0-9-]+`(?:, )?)+)/g)])
      .flatMap(([, list = '']) => [...list.matchAll(/`([^`]+)`/g)].map(([, alert = '']) => alert));
    expect(alerts.length).toBeGreaterThan(4);
    expect(alerts.filter((alert) => !monitors.includes(`\n  ${alert}:\n`))).toEqual([]);
  });
});

const loaded = new Map<string, Promise<ReadonlySet<string>>>();

async function hasStep(id: string, step: string): Promise<boolean> {
  const steps = loaded.get(id) ?? stepsOf(id);
  loaded.set(id, steps);
  return (await steps).has(step);
}

/** Those in the playbook itself: what it calls has rows of its own. */
async function stepsOf(id: string): Promise<ReadonlySet<string>> {
  const file = await library.find(id);
  const playbook = file && (await loadPlaybook(file, library)).value;
  if (playbook === undefined) return new Set();
  const own = [...placedSteps(playbook)].filter((placed) => placed.playbook === playbook);
  return new Set(own.map(({ node }) => node.id));
}
