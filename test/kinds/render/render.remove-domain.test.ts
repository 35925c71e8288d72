import { expect, test } from 'vitest';
import { DOMAIN, renderWithDomain } from '../../rig/domains.ts';
import { kindOf } from '../../rig/step.ts';

const kind = await kindOf('render.remove-domain');
const { render, live, waiting, stepWith } = await renderWithDomain();

test('takes a domain away', async () => {
  expect(await kind.run(live(), stepWith().context)).toEqual({ name: DOMAIN, removed: true });
  expect(render.service.domains.size).toBe(0);
});

test('one that is not there is no error, and nothing is asked for', async () => {
  expect(await kind.run(waiting(), stepWith().context)).toEqual({ name: DOMAIN, removed: false });
  expect(render.requests.every((request) => request.startsWith('GET'))).toBe(true);
});

test('after a crash the list of domains tells whether it had happened', async () => {
  expect(await kind.reconcile?.(live(), stepWith().context)).toEqual({ verdict: 'notHappened' });
  const first = stepWith();
  await kind.run(live(), first.context);
  expect(await kind.reconcile?.(live(), stepWith(first.checkpoints[0]).context)).toEqual({
    verdict: 'happened',
    output: { name: DOMAIN, removed: true },
  });
});

test('says what it would do', () => {
  expect(kind.describe(live())).toBe(`Take ${DOMAIN} away from the service peakops-api`);
});
