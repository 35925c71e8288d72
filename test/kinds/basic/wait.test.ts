import { expect, test } from 'vitest';
import { Duration } from '../../../engine/base/duration.ts';
import { Instant } from '../../../engine/base/instant.ts';
import { encodeValue } from '../../../engine/base/value.ts';
import { failureOf, hurriedClock, kindOf, stepRig } from '../../rig/step.ts';

const kind = await kindOf('wait');

test('waits for a length of time, as external time', async () => {
  const clock = hurriedClock();
  const rig = stepRig({ clock });
  const end = clock.now().epochMillis + 90_000;
  const output = await kind.run({ for: '90s' }, rig.context);
  expect(clock.now().epochMillis).toBeGreaterThanOrEqual(end);
  expect(output['waitedMs']).toBeGreaterThanOrEqual(90_000);
  expect(rig.activities[0]).toMatchObject({ class: 'external' });
});

test('waits until a moment; one that has passed ends it at once', async () => {
  const clock = hurriedClock();
  const until = new Instant(clock.now().epochMicros + 25_000_000);
  expect(await kind.run({ until }, stepRig({ clock }).context)).toMatchObject({ until });
  expect(clock.now().epochMicros).toBeGreaterThanOrEqual(until.epochMicros);
  expect(await kind.run({ until: '2020-01-01T00:00:00Z' }, stepRig({ clock }).context)).toMatchObject({
    waitedMs: 0,
  });
});

test('a resumed wait ends when the first would have', async () => {
  const first = stepRig();
  first.abort();
  await expect(kind.run({ for: '10m' }, first.context)).rejects.toThrow('stopped');
  const end = Instant.parse('2020-01-01T00:00:00Z') ?? expect.fail('no time');
  expect(first.checkpoints).toEqual([{ $time: expect.any(String) as string }]);
  const resumed = await kind.run({ for: '10m' }, stepRig({ checkpoint: encodeValue(end) }).context);
  expect(resumed).toMatchObject({ until: end, waitedMs: 0 });
});

test('one of the two must be said', async () => {
  expect(await failureOf(kind.run({}, stepRig().context))).toMatchObject({ code: 'usage' });
});

test('says what it would do', () => {
  expect(kind.describe({ for: new Duration(600_000_000) })).toBe('Wait for 10m 00s');
  expect(kind.describe({ until: '2025-11-01T00:00:00Z' })).toBe('Wait until 2025-11-01T00:00:00.000Z');
});
