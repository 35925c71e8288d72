import { afterAll, describe, expect, it } from 'vitest';
import { tortureCount } from '../rig/mutation.ts';
import { SEED } from '../rig/seed.ts';
import { Damages } from './journals/damages.ts';
import { snapshots } from './journals/snapshots.ts';

/** Cases of the short form; `TORTURE_COUNT=100000` is the long one. */
const SHORT_FORM = 1000;

const count = tortureCount(SHORT_FORM);
const damages = new Damages(await snapshots(), SEED);
afterAll(() => {
  damages.dispose();
  process.stdout.write(`Damaged stores: DRILLBOOK_SEED=${SEED} TORTURE_COUNT=${count}: ${damages.tally()}\n`);
});

describe(`damaged stores (seed ${SEED})`, () => {
  it('are refused by name or gone on with openly, without a crash, a hang or an effect that happens twice', async () => {
    const failures: string[] = [];
    for (let index = 0; index < count && failures.length < 5; index += 1) {
      const failure = await damages.inflict(index);
      if (failure !== undefined) failures.push(`case ${index}: ${failure}`);
    }
    expect(failures).toEqual([]);
  }, 7_200_000);
});
