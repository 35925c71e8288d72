import { afterEach, beforeEach, expect, test } from 'vitest';
import { Instant } from '../../../engine/base/instant.ts';
import type { RenderRig } from '../../rig/render.ts';
import { startRender } from '../../rig/render.ts';
import { kindOf, stepRig } from '../../rig/step.ts';

const kind = await kindOf('render.service');
let render: RenderRig;

beforeEach(async () => {
  render = await startRender();
});
afterEach(() => render.close());

test('reads a service and its newest deploy', async () => {
  const { context } = stepRig({ environment: { render: render.settings } });
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
  const { context } = stepRig({ environment: { render: render.settings } });
  expect(await kind.run({ service: render.target }, context)).toMatchObject({ deploy: null });
});

test('it only reads', () => {
  expect(kind.effect({ service: render.target })).toBe('read');
  expect(kind.describe({ service: render.target })).toBe('Read the service peakops-api at Render');
});
