import { describe, expect, it } from 'vitest';
import { loadSchedule } from '../../engine/load/schedule.ts';
import { SourceFile } from '../../engine/source/file.ts';

describe('a schedule', () => {
  const known = {
    playbooks: ['database-corruption'],
    examples: ['complete-outage'],
    environments: ['sandbox', 'staging'],
  };
  const load = (entry: string) =>
    loadSchedule(
      new SourceFile('schedule.yaml', `version: 1\nname: Drills\nentries:\n  monthly: ${entry}\n`),
      known,
    );

  it('is read', () => {
    const { value, diagnostics } = load(
      '{ playbook: database-corruption, rule: FREQ=MONTHLY;BYDAY=1MO, from: 2026-01-05, environment: staging }',
    );
    expect(diagnostics).toEqual([]);
    expect(value).toMatchObject({
      name: 'Drills',
      entries: [
        {
          id: 'monthly',
          title: 'database-corruption',
          rule: 'FREQ=MONTHLY;BYDAY=1MO',
          withinMs: 7 * 86_400_000,
          soc2: false,
        },
      ],
    });
  });

  it('is in UTC, or in the zone that it names', () => {
    const inZone = (zone: string) =>
      loadSchedule(new SourceFile('schedule.yaml', `version: 1\nname: Drills\n${zone}entries: {}\n`), known);
    expect(inZone('').value?.zone).toBe('UTC');
    expect(inZone('zone: Europe/Berlin\n').value?.zone).toBe('Europe/Berlin');
    expect(inZone('zone: Europe/Berln\n').diagnostics).toMatchObject([
      { code: 'DB154', hint: 'Did you mean "Europe/Berlin"?' },
    ]);
  });

  it('tells all that is wrong, with its place', () => {
    const { value, diagnostics } = load(
      '{ playbook: database-coruption, rule: FREQ=NEVER, from: 2026-02-30, environment: stagign, witin: 7d }',
    );
    expect(value).toBeUndefined();
    expect(
      diagnostics.map(({ code, hint, span }) => [code, span?.file.position(span.start).line, hint]),
    ).toEqual([
      ['DB061', 4, 'Did you mean "database-corruption"?'],
      ['DB081', 4, expect.stringMatching(/FREQ=MONTHLY;BYDAY=1MO/)],
      ['DB025', 4, expect.any(String)],
      ['DB082', 4, 'Did you mean "staging"?'],
      ['DB020', 4, 'Did you mean "within"?'],
    ]);
  });

  it('says of an example how it becomes a playbook that may be named', () => {
    const { diagnostics } = load(
      '{ playbook: complete-outage, rule: FREQ=DAILY, from: 2026-01-05, environment: staging }',
    );
    expect(diagnostics).toMatchObject([
      { code: 'DB061', hint: expect.stringMatching(/new complete-outage --from complete-outage/) as string },
    ]);
  });
});
