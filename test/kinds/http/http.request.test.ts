import { createServer as createTcpServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import type { ValueMap } from '../../../engine/base/value.ts';
import { Instant } from '../../../engine/base/instant.ts';
import type { HttpServerRig } from '../../rig/http-server.ts';
import { serveHttp } from '../../rig/http-server.ts';
import { failureOf, kindOf, stepRig } from '../../rig/step.ts';
import schema from '../../../schemas/steps/http.request.schema.json' with { type: 'json' };

const kind = await kindOf('http.request');
const password = { $ref: 'env', name: 'DRILLBOOK_TEST_PASSWORD' };
let server: HttpServerRig;
/** Called with each request that is never answered. */
let hung = (): void => undefined;

beforeAll(async () => {
  process.env['DRILLBOOK_TEST_PASSWORD'] = 's3cret';
  server = await serveHttp((request, response) => {
    switch (request.url) {
      case '/json':
        return response.setHeader('content-type', 'application/json').end('{"status":"ok","n":[1,2.5]}');
      case '/down':
        return response.writeHead(503).end('no database');
      case '/moved':
        return response.writeHead(301, { location: '/json' }).end();
      case '/large':
        return response.end('x'.repeat(3 * 1024 * 1024));
      case '/hang':
        hung();
        return undefined;
      case '/reset':
        return request.socket.resetAndDestroy();
      default:
        return response.end('hello');
    }
  });
});
afterAll(() => server.close());

const run = (args: ValueMap, rig = stepRig()): Promise<ValueMap> => kind.run(args, rig.context);
const at = (path: string, more: ValueMap = {}): ValueMap => ({ url: server.url + path, ...more });
const sent = (): HttpServerRig['received'][number] => server.received.at(-1) ?? expect.fail('nothing came');

describe('any answer is an output', () => {
  test('with its JSON', async () => {
    expect(await run(at('/json'))).toEqual({
      status: 200,
      headers: expect.objectContaining({ 'content-type': 'application/json' }) as object,
      body: '{"status":"ok","n":[1,2.5]}',
      json: { status: 'ok', n: [1, 2.5] },
      stored: null,
      truncated: false,
      durationMs: expect.any(Number) as number,
    });
  });

  test('whatever its status; JSON is null where there is none', async () => {
    expect(await run(at('/down'))).toMatchObject({ status: 503, body: 'no database', json: null });
  });

  test('a redirect too: it is not followed', async () => {
    expect(await run(at('/moved'))).toMatchObject({ status: 301, headers: { location: '/json' } });
  });

  test('of which a MiB is kept', async () => {
    const output = await run(at('/large'));
    expect(output['truncated']).toBe(true);
    expect(output['body']).toHaveLength(1024 * 1024);
  });

  test('unless the step says which statuses are good', async () => {
    expect(await run(at('/down', { ok: [200, 503] }))).toMatchObject({ status: 503 });
    const error = await failureOf(run(at('/down', { ok: [200] })));
    expect(error).toMatchObject({
      code: '503',
      changed: 'nothing',
      retryable: true,
      details: { body: 'no database' },
    });
    expect(await failureOf(run(at('/down', { method: 'POST', ok: [200] })))).toMatchObject({
      changed: 'maybe',
    });
  });
});

describe('what is sent', () => {
  test('JSON, with secrets inside', async () => {
    const json = {
      email: 'a@b.c',
      password,
      at: Instant.parse('2025-11-01T00:00:00Z') ?? null,
      n: 2,
      deep: [{ password }],
    };
    await run(at('/', { method: 'POST', json }));
    expect(sent()).toMatchObject({ method: 'POST', headers: { 'content-type': 'application/json' } });
    expect(JSON.parse(sent().body)).toEqual({
      email: 'a@b.c',
      password: 's3cret',
      at: '2025-11-01T00:00:00.000Z',
      n: 2,
      deep: [{ password: 's3cret' }],
    });
  });

  test('a form', async () => {
    await run(at('/', { method: 'POST', form: { user: 'a b', password } }));
    expect(sent()).toMatchObject({
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: 'user=a+b&password=s3cret',
    });
  });

  test('a body as it is, and headers', async () => {
    await run(
      at('/', { method: 'PUT', body: '<x/>', headers: { 'Content-Type': 'text/xml', 'X-Key': password } }),
    );
    expect(sent()).toMatchObject({
      body: '<x/>',
      headers: { 'content-type': 'text/xml', 'x-key': 's3cret' },
    });
  });

  test('credentials', async () => {
    await run(at('/', { auth: { bearer: password } }));
    expect(sent().headers['authorization']).toBe('Bearer s3cret');
    await run(at('/', { auth: { basic: { username: 'me', password } } }));
    expect(sent().headers['authorization']).toBe(`Basic ${Buffer.from('me:s3cret').toString('base64')}`);
  });

  test('one body only', async () => {
    expect(await failureOf(run(at('/', { method: 'POST', json: {}, body: 'x' })))).toMatchObject({
      code: 'usage',
    });
  });
});

describe('no answer is an error, and says why', () => {
  test('nobody there', async () => {
    const error = await failureOf(run({ url: 'http://127.0.0.1:1/' }));
    expect(error).toMatchObject({
      code: 'unreachable',
      message: '127.0.0.1:1 refuses the connection',
      retryable: true,
    });
  });

  test('a name that nobody knows', async () => {
    expect(await failureOf(run({ url: 'http://no-such-host.invalid/' }))).toMatchObject({ code: 'dns' });
  });

  test('an answer that takes too long', async () => {
    const error = await failureOf(run(at('/hang', { timeout: '50ms' })));
    expect(error).toMatchObject({
      code: 'timeout',
      message: expect.stringContaining('did not answer within 50ms') as string,
    });
    expect(error.changed).toBe('nothing');
  });

  test('a write whose answer is lost may have happened', async () => {
    // The limit is reached as soon as the server has all of it: before, on a busy machine, nothing would have been sent.
    const limit = new AbortController();
    vi.spyOn(AbortSignal, 'timeout').mockReturnValueOnce(limit.signal);
    hung = () => limit.abort();
    expect(await failureOf(run(at('/hang', { method: 'POST' })))).toMatchObject({
      code: 'timeout',
      changed: 'maybe',
    });
    vi.restoreAllMocks();
    hung = () => undefined;
    expect(await failureOf(run(at('/reset', { method: 'POST' })))).toMatchObject({
      code: 'unreachable',
      changed: 'maybe',
    });
  });

  test('no TLS at the other end', async () => {
    const plain = createTcpServer(
      (socket) => void socket.on('data', () => socket.end('HTTP/1.1 400 Bad\r\n\r\n')),
    );
    await new Promise<void>((resolve) => plain.listen(0, '127.0.0.1', resolve));
    const error = await failureOf(
      run({ url: `https://127.0.0.1:${(plain.address() as AddressInfo).port}/` }),
    );
    expect(error).toMatchObject({ code: 'tls', changed: 'nothing' });
    plain.close();
  });

  test('not a URL', async () => {
    expect(await failureOf(run({ url: 'ftp://example.com' }))).toMatchObject({ code: 'usage' });
  });
});

test('an abort ends it', async () => {
  const rig = stepRig();
  const before = server.received.length;
  const work = run(at('/hang'), rig);
  await expect.poll(() => server.received.length).toBeGreaterThan(before);
  rig.abort();
  await expect(work).rejects.toThrow('stopped');
});

test('GET, HEAD and OPTIONS read; what the others do is for their step to say', () => {
  expect(kind.effect({ url: 'x' })).toBe('read');
  expect(kind.effect({ url: 'x', method: 'HEAD' })).toBe('read');
  expect(kind.effect({ url: 'x', method: 'POST' })).toBe('unknown');
});

test('PUT, PATCH and DELETE are no reading, and the schema says the same to the checker; a POST is believed', () => {
  const { enum: methods, 'x-changes': changes } = schema.properties.with.properties.method;
  const refused = methods.filter((method) => typeof kind.asReading?.({ url: 'x', method }) === 'object');
  expect(refused).toEqual(changes);
  expect(refused).toEqual(['PUT', 'PATCH', 'DELETE']);
  expect(kind.asReading?.({ url: 'x', method: 'POST' })).toBe('believed');
});

test('says what it would do, and how to do it by hand, without a secret', () => {
  const args = {
    url: 'https://api.example.com/login/',
    method: 'POST',
    json: { email: "it's me", password },
    auth: { bearer: { $ref: 'env', name: 'TOKEN' } },
    timeout: '10s',
  };
  expect(kind.describe(args)).toBe('Send POST https://api.example.com/login/');
  expect(kind.byHand?.(args, stepRig().context.environment)).toBe(
    `curl -sS -i -X POST -H "Authorization: Bearer $TOKEN" -H 'Content-Type: application/json' -d "{\\"email\\":\\"it's me\\",\\"password\\":\\"$DRILLBOOK_TEST_PASSWORD\\"}" --max-time 10 https://api.example.com/login/`,
  );
});
