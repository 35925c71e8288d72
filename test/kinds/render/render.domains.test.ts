import { expect, test } from 'vitest';
import { DOMAIN, renderWithDomain } from '../../rig/domains.ts';
import { kindOf } from '../../rig/step.ts';

const kind = await kindOf('render.domains');
const { live, waiting, stepWith } = await renderWithDomain();

test('the domains of a service, and whether each is verified', async () => {
  expect(await kind.run({ service: live().service }, stepWith().context)).toMatchObject({
    names: [DOMAIN],
    domains: [{ name: DOMAIN, verified: true }],
  });
  expect(await kind.run({ service: waiting().service }, stepWith().context)).toEqual({
    domains: [],
    names: [],
  });
});

test('says what it would do, and how to do it by hand', () => {
  expect(kind.describe({ service: live().service })).toBe('List the custom domains of peakops-api');
  expect(kind.byHand?.({ service: live().service }, stepWith().context.environment)).toContain(
    '/custom-domains',
  );
});
