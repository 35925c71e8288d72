import { expect, test } from 'vitest';
import { failureOf, kindOf, stepRig } from '../rig/step.ts';

const kind = await kindOf('notify');

test('says it on the console, line by line', async () => {
  const rig = stepRig();
  expect(
    await kind.run({ channel: { console: true }, text: 'We are back.\nThank you.' }, rig.context),
  ).toEqual({
    delivered: ['console'],
  });
  expect(rig.logs).toEqual(['We are back.', 'Thank you.']);
});

test('a way that nobody here knows is an error, before anything is delivered', async () => {
  const rig = stepRig();
  const channel = { console: true, pigeon: { loft: 'north' } };
  const error = await failureOf(kind.run({ channel, text: 'x' }, rig.context));
  expect(error).toMatchObject({ code: 'channelUnsupported', changed: 'nothing' });
  expect(rig.logs).toEqual([]);
});

test('a channel without a way to reach anybody', async () => {
  const work = kind.run({ channel: { name: 'ops', console: false }, text: 'x' }, stepRig().context);
  expect(await failureOf(work)).toMatchObject({ code: 'notConfigured' });
});

test('its failure never stops a recovery by itself', () => {
  expect(kind.failureIsNoted).toBe(true);
  expect(kind.effect({ channel: { console: true }, text: 'x' })).toBe('none');
  expect(kind.describe({ channel: { console: true }, text: 'We are back.\nThank you.' })).toBe(
    'Tell console: We are back.',
  );
});
