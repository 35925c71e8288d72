import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { folderLibrary } from '../../engine/load/library.ts';

const ROOT = join(import.meta.dirname, '..', '..');
const PAGE = readFileSync(join(ROOT, 'docs', 'procedures.md'), 'utf8');
const shipped = await folderLibrary([join(ROOT, 'playbooks')]).ids();

/** What a page puts between backticks and could be the id of a playbook. */
const named = new Set([...PAGE.matchAll(/`([a-z][a-z0-9]*(?:-[a-z0-9]+)+)`/g)].map(([, name]) => name!));

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
