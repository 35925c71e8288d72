import { expect, test } from 'vitest';
import { DOMAIN, renderWithDomain } from '../../rig/domains.ts';
import { failureOf, kindOf } from '../../rig/step.ts';

const kind = await kindOf('render.add-domain');
const { render, standby, live, waiting, stepWith } = await renderWithDomain();

test('attaches a domain that no service has; it is not verified until its record leads there', async () => {
  render.service.domains.clear();
  expect(await kind.run(waiting(), stepWith().context)).toMatchObject({
    name: DOMAIN,
    verified: false,
    changed: true,
  });
  expect([...standby().domains.keys()]).toEqual([DOMAIN]);
});

test('what is attached already is not attached again', async () => {
  expect(await kind.run(live(), stepWith().context)).toMatchObject({ verified: true, changed: false });
  expect(render.requests.some((request) => request.startsWith('POST'))).toBe(false);
});

test('a domain that another service has: said, with whose it is', async () => {
  const error = await failureOf(kind.run(waiting(), stepWith().context));
  expect(error).toMatchObject({ code: 'inUse', changed: 'nothing' });
  expect(error.message).toMatch(/is in use by peakops-api already/);
  expect(error.hint).toMatch(/render\.remove-domain/);
});

test('after a crash the list of domains tells whether it had happened', async () => {
  expect(await kind.reconcile?.(waiting(), stepWith().context)).toEqual({ verdict: 'notHappened' });
  render.service.domains.clear();
  const first = stepWith();
  await kind.run(waiting(), first.context);
  expect(await kind.reconcile?.(waiting(), stepWith(first.checkpoints[0]).context)).toMatchObject({
    verdict: 'happened',
    output: { changed: true },
  });
});

test('says what it would do', () => {
  expect(kind.describe(live())).toBe(`Attach ${DOMAIN} to the service peakops-api`);
  expect(kind.targets(live())).toMatchObject([{ effect: 'write', by: 'provider' }]);
});
