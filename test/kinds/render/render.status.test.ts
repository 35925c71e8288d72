import { expect, test } from 'vitest';
import { renderWithService } from '../../rig/render.ts';
import { failureOf, kindOf } from '../../rig/step.ts';

const kind = await kindOf('render.status');
const { render, stepWith } = await renderWithService();

const read = (): ReturnType<typeof kind.run> => kind.run({}, stepWith().context);

test('reads the summary of the status page', async () => {
  expect(await read()).toMatchObject({ indicator: 'none', incidents: [], degraded: [] });
});

test('takes words that nobody has seen yet', async () => {
  render.intercept(() => ({
    status: 200,
    body: {
      status: { indicator: 'purple', description: 'Odd' },
      incidents: [{ name: 'Fire', status: 'burning', impact: 'hot', shortlink: 'https://stspg.io/x' }, 7],
      components: [
        { name: 'PostgreSQL', status: 'wobbly', group: false },
        { name: 'Dashboard', status: 'operational' },
        { name: 'A group', status: 'wobbly', group: true },
      ],
    },
  }));
  expect(await read()).toEqual({
    indicator: 'purple',
    description: 'Odd',
    incidents: [{ name: 'Fire', status: 'burning', impact: 'hot', url: 'https://stspg.io/x' }],
    components: [
      { name: 'PostgreSQL', status: 'wobbly' },
      { name: 'Dashboard', status: 'operational' },
    ],
    degraded: ['PostgreSQL'],
  });
});

test('a page that says nothing is an answer too', async () => {
  render.intercept(() => ({ status: 200, body: {} }));
  expect(await read()).toMatchObject({ indicator: 'unknown', description: 'unknown' });
});

test('a page that cannot be read stops no recovery', async () => {
  render.intercept(() => ({ status: 503 }));
  expect(await failureOf(read())).toMatchObject({ code: '503', changed: 'nothing', retryable: true });
  expect(kind.failureIsNoted).toBe(true);
});
