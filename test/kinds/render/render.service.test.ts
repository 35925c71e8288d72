import { expect, test } from 'vitest';
import { Instant } from '../../../engine/base/instant.ts';
import { renderWithService } from '../../rig/render.ts';
import { kindOf } from '../../rig/step.ts';

const kind = await kindOf('render.service');
const { render, stepWith } = await renderWithService();

test('reads a service and its newest deploy', async () => {
  const { context } = stepWith();
  expect(await kind.run({ service: render.target }, context)).toEqual({
    id: render.service.id,
    name: 'peakops-api',
    type: 'web_service',
    workspace: render.workspace.id,
    suspended: false,
    suspenders: [],
    region: 'oregon',
    plan: 'starter',
    url: 'http://127.0.0.1/site',
    createdAt: expect.any(Instant) as Instant,
    deploy: {
      id: render.service.deploys[0]?.id,
      status: 'live',
      trigger: 'deployed_by_render',
      createdAt: expect.any(Instant) as Instant,
      finishedAt: expect.any(Instant) as Instant,
    },
  });
});

test('a service that was never deployed has no deploy', async () => {
  render.intercept(({ path }) => (path.endsWith('/deploys') ? { status: 200, body: [] } : undefined));
  const { context } = stepWith();
  expect(await kind.run({ service: render.target }, context)).toMatchObject({ deploy: null });
});

test('it only reads', () => {
  expect(kind.effect({ service: render.target })).toBe('read');
  expect(kind.describe({ service: render.target })).toBe('Read the service peakops-api at Render');
});
