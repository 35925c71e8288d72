import { describe, expect, test } from 'vitest';
import {
  proxyAuthorization,
  proxyFor,
  proxyPasswords,
  shownProxy,
} from '../../../engine/kinds/http/proxy.ts';
import type { StepError } from '../../../engine/model/kind.ts';

const chosen = (target: string, variables: Readonly<Record<string, string>>): string | undefined => {
  const proxy = proxyFor(new URL(target), variables);
  return proxy === undefined ? undefined : shownProxy(proxy);
};

describe('which proxy an address is asked through', () => {
  const both = { HTTPS_PROXY: 'http://secure:3128', HTTP_PROXY: 'http://plain:3129' };
  test.each([
    ['https://api.test/', both, 'the proxy http://secure:3128 (HTTPS_PROXY)'],
    ['http://api.test/', both, 'the proxy http://plain:3129 (HTTP_PROXY)'],
    ['https://api.test/', { HTTP_PROXY: 'http://plain:3129' }, undefined],
    [
      'https://api.test/',
      { https_proxy: 'http://small:1', HTTPS_PROXY: 'http://large:2' },
      'the proxy http://small:1 (https_proxy)',
    ],
    [
      'https://api.test/',
      { https_proxy: '', HTTPS_PROXY: 'http://large:2' },
      'the proxy http://large:2 (HTTPS_PROXY)',
    ],
    ['https://api.test/', { ALL_PROXY: 'http://all:3' }, 'the proxy http://all:3 (ALL_PROXY)'],
    [
      'http://api.test/',
      { all_proxy: 'http://all:3', HTTP_PROXY: 'http://plain:4' },
      'the proxy http://plain:4 (HTTP_PROXY)',
    ],
    ['https://api.test/', { HTTPS_PROXY: 'bare:3128' }, 'the proxy http://bare:3128 (HTTPS_PROXY)'],
    ['https://api.test/', { HTTPS_PROXY: 'https://tls.test' }, 'the proxy https://tls.test (HTTPS_PROXY)'],
    ['https://api.test/', {}, undefined],
  ])('%s with %j', (target, variables, expected) => {
    expect(chosen(target, variables)).toBe(expected);
  });

  test.each([
    'http://127.0.0.1:8080/',
    'http://127.8.8.8/',
    'https://localhost/',
    'http://LOCALHOST:1/',
    'http://db.localhost/',
    'http://[::1]:9000/',
  ])('never one for this machine itself: %s', (target) => {
    expect(chosen(target, both)).toBeUndefined();
  });

  test.each([
    ['api.test', 'https://api.test/', true],
    ['API.test', 'https://api.TEST/', true],
    ['api.test', 'https://api.test./', true],
    ['test', 'https://api.test/', true],
    ['.test', 'https://api.test/', true],
    ['*.test', 'https://api.test/', true],
    ['.api.test', 'https://api.test/', true],
    ['pi.test', 'https://api.test/', false],
    ['other.test', 'https://api.test/', false],
    ['api.test.evil', 'https://api.test/', false],
    ['*', 'https://api.test/', true],
    ['a.test, api.test', 'https://api.test/', true],
    ['a.test api.test', 'https://api.test/', true],
    ['api.test:443', 'https://api.test/', true],
    ['api.test:8443', 'https://api.test/', false],
    ['api.test:8443', 'https://api.test:8443/', true],
    ['api.test:80', 'http://api.test/', true],
    ['10.1.2.3', 'http://10.1.2.3:9/', true],
    ['10.0.0.0/8', 'http://10.1.2.3/', true],
    ['10.0.0.0/8', 'http://11.1.2.3/', false],
    ['10.0.0.0/99', 'http://10.1.2.3/', false],
    ['10.0.0.0/8', 'http://10.test/', false],
    ['2.3', 'http://10.1.2.3/', false],
    ['fd00::/8', 'http://[fd12::1]/', true],
    ['[fd12::1]:81', 'http://[fd12::1]:81/', true],
    ['[fd12::1]:82', 'http://[fd12::1]:81/', false],
  ])('NO_PROXY=%s and %s', (list, target, without) => {
    expect(chosen(target, { ...both, NO_PROXY: list }) === undefined).toBe(without);
  });
});

describe('what a variable says that is no http proxy', () => {
  test.each([
    ['socks5://user:hidden@proxy:1080', 'ALL_PROXY names a proxy of the kind socks5: nothing was sent'],
    ['http://hidden word', 'ALL_PROXY is no address: nothing was sent'],
  ])('%s is refused by the name of the variable, and not quoted', (value, message) => {
    const refused = expect.objectContaining({
      message,
      code: 'notConfigured',
      changed: 'nothing',
    }) as StepError;
    expect(() => chosen('https://api.test/', { ALL_PROXY: value })).toThrow(refused);
  });
});

test('the user and the password of a proxy are in its header, and nowhere else', () => {
  const variables = { HTTPS_PROXY: 'http://ann:p%40ss@proxy:3128', http_proxy: 'bob:w%ord@other:1' };
  const proxy = proxyFor(new URL('https://api.test/'), variables)!;
  expect(shownProxy(proxy)).toBe('the proxy http://proxy:3128 (HTTPS_PROXY)');
  expect(proxyAuthorization(proxy)).toBe(`Basic ${Buffer.from('ann:p@ss').toString('base64')}`);
  expect(proxyPasswords(variables)).toEqual(['p%40ss', 'p@ss', 'w%ord', 'w%ord']);
});
