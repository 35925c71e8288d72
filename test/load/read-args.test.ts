import { describe, expect, it } from 'vitest';
import { Duration } from '../../engine/base/duration.ts';
import { Instant } from '../../engine/base/instant.ts';
import { isPlain } from '../../engine/base/value.ts';
import { asData } from '../../engine/model/handle.ts';
import { readArgs } from '../../engine/load/read-args.ts';

const AT = Instant.parse('2026-01-01T00:00:00Z');

describe('the arguments that a kind gets', () => {
  it.each([
    ['a time', 'render.recover-postgres', 'at', AT, '2026-01-01T00:00:00Z'],
    ['a duration', 'http.request', 'timeout', Duration.parse('30s'), '30s'],
  ])('have one form, however %s came', (_what, kind, key, value, text) => {
    expect(readArgs(kind, { [key]: text })[key]).toEqual(value);
    expect(readArgs(kind, { [key]: value! })[key]).toEqual(value);
  });

  it('have whole numbers as numbers, in lists too', () => {
    expect(readArgs('http.request', { url: 'https://a', ok: [200n, 201] })).toEqual({
      url: 'https://a',
      ok: [200, 201],
    });
    expect(readArgs('s3.copy-bucket', { concurrency: 4n })).toEqual({ concurrency: 4 });
  });

  it('leave alone what a schema says nothing of: a number of any size, a text that reads like a time', () => {
    const params = [2n ** 60n, '2026-01-01T00:00:00Z'];
    expect(readArgs('sql.query', { query: 'select 1', params })['params']).toEqual(params);
  });

  it('leave handles as they are, and data known to be data', () => {
    const secret = { $ref: 'env', name: 'TOKEN' };
    expect(readArgs('http.request', { auth: { bearer: secret } })).toEqual({ auth: { bearer: secret } });
    const data = asData({ $ref: 'env', name: 'TOKEN' });
    const read = readArgs('http.request', { url: data })['url'];
    expect(isPlain(read as typeof data)).toBe(true);
  });

  it('may have a text for what is not known yet, which is shown and not computed with', () => {
    const planned = readArgs('compare', { left: '‹steps.a.output.rows›', right: [] });
    expect(() => planned['left']).toThrow('"left" is not known yet');
    expect(() => readArgs('wait', { for: '‹inputs.pause›' })['for']).toThrow('"for" is not known yet');
    expect(readArgs('wait', { until: '‹inputs.at›' })['until']).toBe('‹inputs.at›');
    expect(readArgs('sql.query', { database: '‹env.databases.main›' })['database']).toBe(
      '‹env.databases.main›',
    );
  });
});
