import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { expect, test } from 'vitest';
import type { JsonObject } from '../../engine/base/json.ts';
import { PROGRAMS } from '../../engine/base/programs.ts';
import { kindNames, partSchema } from '../../engine/load/stepschema.ts';
import { FAULT_KINDS } from '../../engine/sandbox/faults.ts';
import { PART_KINDS, startOf } from '../../engine/sandbox/part-kinds.ts';

const root = new URL('../../', import.meta.url);

test('each kind of part has its line in the table, its schema, its folder and its place in the docs, and nothing else has', () => {
  expect(kindNames('parts')).toEqual([...PART_KINDS].sort());
  expect(readdirSync(new URL('schemas/parts/', root)).sort()).toEqual(
    PART_KINDS.map((kind) => `${kind}.schema.json`).sort(),
  );
  const page = readFileSync(new URL('docs/worlds.md', root), 'utf8');
  for (const kind of PART_KINDS) {
    expect(existsSync(new URL(`engine/sandbox/parts/${kind}/part.ts`, root)), kind).toBe(true);
    expect(page, kind).toContain(`\n### ${kind}\n`);
  }
});

test.each(PART_KINDS)(
  '%s can be loaded, is controlled at the desk, and is broken by faults that there are',
  async (kind) => {
    expect(await startOf(kind)).toBeTypeOf('function');
    const schema = partSchema(kind);
    expect(schema?.output).toMatchObject({ properties: { control: { type: 'string' } } });
    expect(FAULT_KINDS).toEqual(expect.arrayContaining([...(schema?.faults ?? [])]));
    expect(Object.keys(PROGRAMS)).toEqual(expect.arrayContaining([...(schema?.programs ?? [])]));
  },
);

test('a kind that there is not is refused with those that there are', async () => {
  await expect(startOf('postgresql')).rejects.toThrow(
    /there are base-backup, dns, folder, http, older-backups, postgres, process/,
  );
});

test('a unit of a host is described as a process is, but it waits for nobody and has the clock and the disk of its host', () => {
  const described = partSchema('process')?.with as JsonObject;
  const { waits, ownClock, disk, ...properties } = described['properties'] as JsonObject;
  expect([waits, ownClock, disk]).not.toContain(undefined);
  expect(partSchema('ssh-host')?.with).toMatchObject({
    properties: { units: { additionalProperties: { ...described, properties } } },
  });
});
