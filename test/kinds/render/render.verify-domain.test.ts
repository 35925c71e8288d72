import { expect, test } from 'vitest';
import { customDomain } from '../../../engine/sandbox/render/custom-domain.ts';
import { DOMAIN, renderWithDomain } from '../../rig/domains.ts';
import { failureOf, kindOf } from '../../rig/step.ts';

const kind = await kindOf('render.verify-domain');
const { render, stage, standby, live, waiting, stepWith } = await renderWithDomain();

test('waits until the record leads to the service, and Render has seen it', async () => {
  standby().domains.set(DOMAIN, customDomain(DOMAIN, false));
  const looking = kind.run(waiting(), stepWith().context);
  stage.record = standby().url;
  expect(await looking).toEqual({ name: DOMAIN, verified: true });
  expect(standby().domains.get(DOMAIN)?.verified).toBe(true);
});

test('what is verified is not looked at again', async () => {
  expect(await kind.run(live(), stepWith().context)).toEqual({ name: DOMAIN, verified: true });
  expect(render.requests.every((request) => request.startsWith('GET'))).toBe(true);
});

test('one that is not attached is said', async () => {
  expect(await failureOf(kind.run(waiting(), stepWith().context))).toMatchObject({
    code: 'noSuchDomain',
    hint: 'Attach it first, with render.add-domain.',
  });
});

test('after a crash the domain is asked', async () => {
  expect(await kind.reconcile?.(waiting(), stepWith().context)).toEqual({ verdict: 'notHappened' });
  expect(await kind.reconcile?.(live(), stepWith().context)).toMatchObject({ verdict: 'happened' });
});

test('says what it would do', () => {
  expect(kind.describe(live())).toBe(`Wait until Render has verified ${DOMAIN} for the service peakops-api`);
});
