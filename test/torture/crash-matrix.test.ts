import { afterAll, describe, expect, it } from 'vitest';
import { aShare } from '../rig/draw.ts';
import { Matrix } from './crash/matrix.ts';
import { IS_DRAWN } from './drawn.ts';

/** Of how many events one is taken. */
const ONE_IN = IS_DRAWN ? 4 : 1;

const matrix = await Matrix.open();
afterAll(() => matrix.dispose());

describe.each(['succeeds', 'aborts', 'flow', 'cancels', 'breaks', 'givenUp'])(
  'the reference run that %s',
  async (playbook) => {
    const whole = await matrix.run(playbook, 'none');

    it('does nothing twice', () => {
      expect(whole.effects).toEqual([...new Set(whole.effects)]);
    });

    it('ends as if nothing had happened when each of its lives is killed after a few events', async () => {
      const { state, effects } = await matrix.dieOften(playbook, 7);
      expect(state).toEqual(whole.state);
      expect(effects).toEqual(whole.effects);
    });

    describe.each(['killed', 'torn'] as const)('%s at each event', (death) => {
      const events = aShare(ONE_IN, `${playbook} ${death}`, whole.events);
      it.concurrent.each(events.map(({ seq, type }) => [seq, type] as const))(
        '%i (%s): ends as if nothing had happened, and nothing happens twice',
        async (seq) => {
          const { state, effects } = await matrix.run(playbook, death, seq);
          expect(state).toEqual(whole.state);
          expect(effects).toEqual(whole.effects);
        },
      );
    });
  },
);
