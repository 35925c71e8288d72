import { expect, test } from 'vitest';
import { AdaptiveLimit } from '../../../../engine/kinds/s3/client/adaptive.ts';

async function round(limit: AdaptiveLimit, setback: boolean): Promise<void> {
  const passes = await Promise.all(Array.from({ length: limit.limit }, () => limit.enter()));
  for (const pass of passes) limit.leave(pass, setback);
}

test('the limit grows while all goes well, to its most', async () => {
  const limit = new AdaptiveLimit({ initial: 4, max: 32 });
  await round(limit, false);
  expect(limit.limit).toBe(8);
  for (let n = 0; n < 5; n++) await round(limit, false);
  expect(limit.limit).toBe(32);
});

test('it is halved once for all the setbacks of a round, and grows slowly from then on', async () => {
  const limit = new AdaptiveLimit({ initial: 32, max: 64 });
  await round(limit, true);
  expect(limit.limit).toBe(16);
  await round(limit, false);
  expect(limit.limit).toBe(16);
  await round(limit, false);
  expect(limit.limit).toBe(17);
  for (let n = 0; n < 10; n++) await round(limit, true);
  expect(limit.limit).toBe(1);
});

test('no more are let in than the limit says, and all in the end', async () => {
  const limit = new AdaptiveLimit({ initial: 2, max: 2 });
  let inside = 0;
  let most = 0;
  await Promise.all(
    Array.from({ length: 50 }, async () => {
      const pass = await limit.enter();
      most = Math.max(most, ++inside);
      await Promise.resolve();
      inside--;
      limit.leave(pass, false);
    }),
  );
  expect(most).toBe(2);
});
