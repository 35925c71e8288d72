import { beforeAll, describe, expect, it } from 'vitest';
import { Dice, tortureCount } from '../rig/mutation.ts';
import { DRILL_MS } from '../rig/rehearsal.ts';
import { SEED } from '../rig/seed.ts';
import { IS_DRAWN } from './drawn.ts';
import type { Ending, Moment, Victim } from './worlds/killed.ts';
import { killed, whole } from './worlds/killed.ts';

const WORLDS = ['orders', 'files', 'machine', 'cloud'] as const;
const VICTIMS: readonly Victim[] = ['drillbook', 'part', 'world'];
/** Cases of the short form: each victim in each world, twice; drawn, once. */
const SHORT_FORM = IS_DRAWN ? 12 : 24;

const count = tortureCount(SHORT_FORM);
const perWorld = Math.ceil(count / WORLDS.length);

/** Half of the times while a deploy goes on, where there is one. Else once in three times while the world starts, whose parts each have three; the event of number 2 is that it is up. */
function draw(victim: Victim, { events, inDeploys }: Ending, dice: Dice): Moment {
  if (inDeploys.length > 0 && dice.oneIn(2)) return { event: dice.pick(inDeploys) };
  if (victim !== 'part' && dice.oneIn(3)) return { part: 1 + dice.below(3) };
  const first = victim === 'drillbook' ? 1 : 2;
  // After the last there is nobody left.
  return { event: first + dice.below(events - first) };
}

describe.each(WORLDS)('a drill in the world %s', (world) => {
  let undisturbed: Awaited<ReturnType<typeof whole>>;
  beforeAll(async () => {
    undisturbed = await whole(world);
  }, DRILL_MS);

  it('does what it does once, and leaves nothing', () => {
    expect(undisturbed, undisturbed.story).toMatchObject({ outcome: 'succeeded', left: [] });
    expect(Object.values(undisturbed.tally).flat().length).toBeGreaterThan(0);
    expect(undisturbed.lost).toBe(world === 'orders' ? 0 : 'uncounted');
  });

  const cases = Array.from({ length: perWorld }, (_, index) => {
    const victim = VICTIMS[index % VICTIMS.length] ?? 'world';
    const dice = new Dice(SEED, index * WORLDS.length + WORLDS.indexOf(world));
    return { victim, dice, number: index + 1 };
  });

  it.concurrent.each(cases.map((each) => [each.victim, each.number, each] as const))(
    '%s killed at a moment that is drawn (%i): nothing is lost, doubled or left behind',
    async (_, __, { victim, dice }) => {
      const moment = draw(victim, undisturbed, dice);
      const { outcome, reason, lives, steps, tally, lost, left, ...rest } = await killed(
        world,
        victim,
        moment,
        dice,
      );
      const story = `killed at ${JSON.stringify(moment)}\n${rest.story}`;
      expect(left, story).toEqual([]);
      // What a world held is gone with it, and the run that works in it says so itself; nothing else ends a run.
      if (victim === 'world' && outcome === 'gone') {
        expect(lives, story).toBe(1);
        return;
      }
      // A world that is not sound before the first step is no place for a drill, which ends and says why.
      if (victim !== 'drillbook' && outcome === 'failed') {
        expect(reason, story).toMatch(/^the sandbox(: the world is not healthy: | is gone| does not answer)/);
        expect({ lives, steps }, story).toEqual({ lives: 1, steps: 0 });
        return;
      }
      expect(outcome, story).toBe('succeeded');
      expect(tally).toEqual(undisturbed.tally);
      // Behind the last step there is only the count: there is none of a world that is gone, or of a part that no
      // further life has started again.
      const mayBeUncounted = victim === 'world' || (victim === 'part' && lives === 1);
      expect(mayBeUncounted ? [undisturbed.lost, 'uncounted'] : [undisturbed.lost], story).toContain(lost);
    },
  );
});
