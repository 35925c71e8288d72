import { describe, expect, test } from 'vitest';
import { Duration } from '../../engine/base/duration.ts';
import { Instant } from '../../engine/base/instant.ts';
import type { Value } from '../../engine/base/value.ts';
import { kindNames, kindSchema, validateArgs } from '../../engine/load/stepschema.ts';

const at = Instant.parse('2025-11-01T12:00:00Z')!;
const service = { name: 'api', renderId: 'srv-1', $target: 'services.api' };

describe('the arguments of a step when they are known', () => {
  test.each([
    ['wait', { for: new Duration(1000) }],
    ['wait', { for: '1s' }],
    ['wait', { until: at }],
    ['render.suspend', { service }],
    [
      'sql.query',
      { database: { $ref: 'render.postgres', id: 'dpg-1' }, query: 'select $1', params: [at, 1n] },
    ],
    ['http.request', { url: 'x', auth: { bearer: { $ref: 'env', name: 'KEY' } } }],
    ['http.request', { url: { $ref: 'env', name: 'WEBHOOK' }, json: { a: { $ref: 'env', name: 'KEY' } } }],
  ] satisfies [string, Value][])('%s takes %o', async (kind, args) => {
    expect(await validateArgs(kind, args)).toEqual([]);
  });

  test.each([
    ['wait', { for: 'soon' }, 'for: "soon" is no duration'],
    ['wait', { until: '2025-11-01T12:00:00' }, 'until: "2025-11-01T12:00:00" is no time with an offset'],
    ['render.suspend', { service: 'api' }, 'service: This must be an object'],
    ['render.suspend', {}, 'with: "service" is missing'],
    ['http.request', { url: 'x', method: { $ref: 'env', name: 'KEY' } }, 'method: This must be GET'],
    ['http.request', { url: 'x', timeout: at }, 'timeout: This must be a duration'],
    ['http.request', { url: 'x', metod: 'GET' }, 'with: There is no key "metod" here'],
    ['nothing', {}, 'there is no step kind "nothing"'],
  ] satisfies [string, Value, string][])('%s refuses %o', async (kind, args, message) => {
    expect(await validateArgs(kind, args)).toEqual([expect.stringContaining(message) as string]);
  });
});

test('a kind is found by its name alone, and never by a path', () => {
  expect(kindNames('steps')).toContain('http.request');
  expect(kindSchema('steps', 'http.request')).toMatchObject({
    name: 'http.request',
    effect: 'unknown',
  });
  expect(kindSchema('steps', '../playbook')).toBeUndefined();
  expect(kindSchema('steps', 'constructor')).toBeUndefined();
});
