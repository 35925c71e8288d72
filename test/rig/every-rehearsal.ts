import { describe, expect, test } from 'vitest';
import { aShare } from './draw.ts';
import { IS_DRAWN } from './drawn.ts';
import { Dice } from './mutation.ts';
import type { Drilled } from './rehearsal.ts';
import { DRILL_MS, rehearse } from './rehearsal.ts';
import { SEED } from './seed.ts';
import type { Rehearsal } from './shipped.ts';

/** What these rehearsals lose cannot be had again: the RPO is missed, and the time until all is back has no end. */
const LOSES: ReadonlySet<string> = new Set(['s3-bucket-loss replicaBehind', 's3-bucket-loss withoutReplica']);

/** Drills rehearsals in a world, in the short form those that `draw` leaves, and reads each report as an auditor does. */
export function drillEach(
  world: string,
  rehearsals: readonly Rehearsal[],
  draw: (rehearsals: readonly Rehearsal[]) => readonly Rehearsal[],
): void {
  describe(`drillbook drill --world ${world}${IS_DRAWN ? ` (drawn: seed ${SEED})` : ''}`, () => {
    test.each(IS_DRAWN ? draw(rehearsals) : rehearsals)(
      '%s (%s)',
      { timeout: DRILL_MS },
      async (playbook, rehearsal) => {
        const drilled = await rehearse(playbook, { rehearsal, args: ['--world', world] });
        const loses = LOSES.has(`${playbook} ${rehearsal}`);
        expect(drilled.report.run).toMatchObject({ outcome: 'succeeded', rehearsal, world });
        expect(drilled.exitCode).toBe(loses ? 1 : 0);
        expect(drilled.left).toEqual([]);
        expectEvidence(drilled, loses);
        expectNothingPassedOver(drilled);
      },
    );
  });
}

/** Of every second playbook one. */
export const ofHalfThePlaybooks = (rehearsals: readonly Rehearsal[]): readonly Rehearsal[] =>
  aShare(2, 'playbooks', [...new Set(rehearsals.map(([playbook]) => playbook))]).map((id, place) =>
    new Dice(SEED, place).pick(rehearsals.filter(([playbook]) => playbook === id)),
  );

/** So many of them all; one may be drawn twice. */
export const some =
  (count: number) =>
  (rehearsals: readonly Rehearsal[]): readonly Rehearsal[] =>
    Array.from({ length: count }, (_, place) => new Dice(SEED, place).pick(rehearsals));

/** Each figure says from what to what, by the evidence of steps that succeeded, and what it does not cover. */
function expectEvidence({ report, outcomes }: Drilled, loses: boolean): void {
  const { rto, rpo } = report.objectives;
  const covered = report.notCovered.map(({ figure }) => figure);
  if (loses) expect(rto?.verdict).toBe('unproven');
  else if (rto !== undefined) {
    expect(rto).toMatchObject({ verdict: 'met', toBy: { source: 'step' } });
    expect(rto.fromBy).toBeDefined();
    expect(outcomes[rto.toBy?.step ?? '']).toBe('succeeded');
    expect(covered).toContain('RTA');
  }
  if (rpo !== undefined) {
    expect(rpo.verdict).toBe(loses ? 'missed' : 'met');
    expect(rpo.recoveryPointAt).toBeDefined();
    expect(outcomes[rpo.recordedBy ?? '']).toBe('succeeded');
    if (rpo.shownBy !== undefined) expect(outcomes[rpo.shownBy]).toBe('succeeded');
    expect(covered).toContain('RPA');
  }
}

/** What the environment does not say how to look at is asked of people. */
function expectNothingPassedOver({ outcomes }: Drilled): void {
  for (const key of Object.keys(outcomes).filter((each) => /(?:^|\/)login$/.test(each))) {
    if (outcomes[key] === 'skipped') expect(outcomes[key.replace(/login$/, 'byHand')]).toBe('succeeded');
  }
}
