import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { Instant } from '../../engine/base/instant.ts';
import type { ValueMap } from '../../engine/base/value.ts';
import { createEvaluator } from '../../engine/expression/evaluator.ts';
import { computed } from '../../engine/interpret/life/names.ts';
import { loadPlaybook } from '../../engine/load/playbook.ts';
import { SourceFile } from '../../engine/source/file.ts';
import { DRILL_MS, rehearse } from '../rig/rehearsal.ts';

const PATH = 'playbooks/backup-database.yaml';
const DAY_MICROS = 24 * 3600 * 1_000_000;

describe('drillbook drill backup-database', () => {
  test('a dump is in the bucket, with its facts and a canary, and comes back as it was made', { timeout: DRILL_MS }, async () => {
    const { exitCode, outcomes, outputs, recorded, left } = await rehearse('backup-database');
    expect(exitCode).toBe(0);
    expect(outcomes).toMatchObject({ put: 'succeeded', canaryRow: 'succeeded', canaryObject: 'succeeded' });
    expect(outputs['back']).toMatchObject({ sha256: outputs['dump']?.['sha256'], metadata: {} });
    expect(recorded).toMatchObject({
      backupId: expect.stringMatching(/^peakops-main\/.*\.dump$/) as string,
      bytes: outputs['dump']?.['bytes'],
      sha256: outputs['dump']?.['sha256'],
      recoveryPoint: expect.anything() as unknown,
      objectLock: {},
    });
    // The dumps of the last days are younger than they have to be.
    expect(outcomes['remove']).toBe('skipped');
    expect(left).toEqual([]);
  });
});

/** What `let` says is removed, given what lies in the bucket when a new dump has been proven. */
describe('of old dumps', () => {
  const now = Instant.parse('2026-11-29T02:00:00Z')!;
  const evaluator = createEvaluator();

  const dump = (days: number, size = 1000): ValueMap => ({
    key: `main/${days}.dump`,
    size,
    modified: new Instant(now.epochMicros - days * DAY_MICROS),
  });

  async function removed(objects: readonly ValueMap[], keep?: string): Promise<readonly string[]> {
    const library = { find: () => Promise.resolve(undefined), ids: () => Promise.resolve([]) };
    const { value } = await loadPlaybook(new SourceFile(PATH, readFileSync(PATH, 'utf8')), library);
    const scope: ValueMap = {
      now,
      run: { id: 'R' },
      env: { values: { dumps: { prefix: 'main/', ...(keep !== undefined && { keep }) } } },
      steps: { before: { outcome: 'succeeded', output: { objects } } },
    };
    const vars = computed(value!.let, (template) => evaluator.render(template, { ...scope, vars }));
    return (vars['old'] as readonly { readonly key: string }[]).map(({ key }) => key);
  }

  const days = (from: number, to: number): readonly ValueMap[] =>
    Array.from({ length: to - from + 1 }, (_, index) => dump(from + index));

  test.each([
    ['those go that are older than 35 days', days(1, 40), undefined, [36, 37, 38, 39, 40]],
    ['those go that are older than the environment wants', days(1, 12), '10d', [11, 12]],
    ['the newest six stay beside the new one, however old they are', days(100, 107), undefined, [106, 107]],
    ['nothing goes while there are no more', days(100, 105), undefined, []],
    ['none that is empty counts as one that stays', [...days(100, 105), dump(1, 0), dump(2, 0)], undefined, []],
    ['nothing is there to go on the first day', [], undefined, []],
  ])('%s', async (_, objects, keep, expected) => {
    expect(await removed(objects, keep)).toEqual(expected.map((day) => `main/${day}.dump`));
  });
});



