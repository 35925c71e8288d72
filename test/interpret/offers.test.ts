import { expect, it } from 'vitest';
import { Instant } from '../../engine/base/instant.ts';
import type { InputQuestion } from '../../engine/model/ports.ts';
import { value } from '../rig/fake-operator.ts';
import { life } from '../rig/interpreter.ts';

const began = Instant.parse('2026-01-05T09:00:00Z')!;

const question = {
  prompt: 'Until when?',
  type: 'time' as const,
  offers: {
    'As it began': '2026-01-05T09:00:00Z',
    'Not yet': '2026-02-05T09:00:00Z',
    Unknown: '${{ run.occurredAt }}',
    'Before what is unknown': '${{ run.occurredAt - duration("1s") }}',
    'An hour before': '${{ timestamp("2026-01-05T09:00:00Z") - duration("1h") }}',
  },
  check: { that: 'value < now', else: 'It lies in the future' },
};

const offered = [
  { label: 'As it began', value: began },
  { label: 'An hour before', value: Instant.parse('2026-01-05T08:00:00Z') },
];

it('an input offers the moments that are known and pass its check', async () => {
  const { operator } = await life(
    { inputs: { until: question }, steps: [] },
    { kinds: {}, answers: { until: value(began) } },
  );
  expect((operator.asked as InputQuestion[])[0]?.offers).toEqual(offered);
});

it('a step that asks does the same', async () => {
  // What fails to be worked out fails the step, as in all that a step takes.
  const offers = { ...question.offers, 'Before what is unknown': '${{ run.occurredAt }}' };
  const pick = { id: 'pick', uses: 'ask', with: { inputs: { until: { ...question, offers } } } };
  const { operator } = await life([pick], {
    kinds: { ask: { effect: 'none', people: 'ask' } },
    answers: { pick: value(began) },
  });
  expect((operator.asked as InputQuestion[])[0]?.offers).toEqual(offered);
});
