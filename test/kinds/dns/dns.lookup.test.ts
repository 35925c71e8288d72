import { afterAll, beforeEach, expect, test } from 'vitest';
import type { Leads } from '../../../engine/sandbox/outside/resolver.ts';
import { Resolver } from '../../../engine/sandbox/outside/resolver.ts';
import { failureOf, kindOf, stepRig } from '../../rig/step.ts';

const kind = await kindOf('dns.lookup');
const names = new Map<string, Leads>();
const dns = await Resolver.start((name) => names.get(name));
afterAll(() => dns.close());
const NAME = 'app.example.com';
const args = { name: NAME, resolver: dns.address };
const lookup = () => kind.run(args, stepRig().context);

beforeEach(() => {
  names.clear();
  dns.silent = false;
});

test('the name that it is an alias of, in small letters', async () => {
  names.set(NAME, { CNAME: 'App-Standby.OnRender.com' });
  expect(await lookup()).toEqual({ cnames: ['app-standby.onrender.com'], addresses: [] });
});

test('its addresses, where it has its own', async () => {
  names.set(NAME, { A: '203.0.113.7' });
  expect(await lookup()).toEqual({ cnames: [], addresses: ['203.0.113.7'] });
});

test('a change is seen by the next look, and no such name is an answer too', async () => {
  expect(await lookup()).toEqual({ cnames: [], addresses: [] });
  names.set(NAME, { CNAME: 'one.example.net' });
  expect(await lookup()).toMatchObject({ cnames: ['one.example.net'] });
});

test('a resolver that is silent, and one that is none', async () => {
  dns.silent = true;
  expect(await failureOf(lookup())).toMatchObject({ code: 'dns', changed: 'nothing', retryable: true });
  const error = await failureOf(kind.run({ name: NAME, resolver: 'the office' }, stepRig().context));
  expect(error).toMatchObject({ code: 'usage', message: '"the office" is no address of a resolver' });
});

test('says what it would do', () => {
  expect(kind.describe({ name: NAME })).toBe(`Ask the resolvers of this machine where ${NAME} leads`);
  expect(kind.byHand?.({ name: NAME, resolver: '1.1.1.1' }, stepRig().context.environment)).toBe(
    `dig +short @1.1.1.1 ${NAME}`,
  );
});
