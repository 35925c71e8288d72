import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { writeFileSync } from 'node:fs';
import { mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import type { ValueMap } from '../../../../engine/base/value.ts';
import { loadEnvironment } from '../../../../engine/load/environment.ts';
import { SourceFile } from '../../../../engine/source/file.ts';
import type { S3Client } from '../../../../engine/kinds/s3/client/client.ts';
import { openBucket } from '../../../../engine/kinds/s3/client/client.ts';
import { listObjects, listVersions } from '../../../../engine/kinds/s3/client/list.ts';
import { bucketAccess } from '../../../../engine/kinds/s3/client/access.ts';
import { endpointOf, openSdk } from '../../../../engine/kinds/s3/client/sdk.ts';
import { copyObject } from '../../../../engine/kinds/s3/bulk/copy.ts';
import { download } from '../../../../engine/kinds/s3/bulk/download.ts';
import type { StepRig } from '../../../rig/step.ts';
import { failureOf, stepRig } from '../../../rig/step.ts';

// What a well-behaved service never does, and a real one does now and then.

let close = (): void => undefined;
let folder = '';
afterEach(async () => {
  close();
  await rm(folder, { recursive: true, force: true });
});

type Answer = (response: ServerResponse, request: IncomingMessage) => void;

/** A service that gives these answers, in turn; the last again and again. */
async function service(
  ...answers: readonly Answer[]
): Promise<{ client: S3Client; rig: StepRig; seen: IncomingMessage[]; keyFile: string }> {
  const seen: IncomingMessage[] = [];
  const server = createServer((request, response) => {
    seen.push(request);
    request.resume();
    (answers[seen.length - 1] ?? answers.at(-1)!)(response, request);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  close = () => {
    server.closeAllConnections();
    server.close();
  };
  folder = await mkdtemp(join(tmpdir(), 'drillbook-client-'));
  const [key, secret] = [join(folder, 'key'), join(folder, 'secret')];
  await writeFile(key, 'AKIAFIRST');
  await writeFile(secret, 'secret');
  const environment: ValueMap = {
    aws: {
      endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
      credentials: {
        accessKeyId: { $ref: 'file', path: key },
        secretAccessKey: { $ref: 'file', path: secret },
      },
    },
  };
  const rig = stepRig({ environment });
  const client = openBucket({ name: 'videos' }, rig.context, { concurrency: 4 });
  return { client, rig, seen, keyFile: key };
}

const refuse =
  (status: number, code: string, headers: Record<string, string> = {}): Answer =>
  (response) =>
    response.writeHead(status, headers).end(`<Error><Code>${code}</Code><Message>so it is</Message></Error>`);
const fine: Answer = (response) => response.end('<CopyObjectResult><ETag>"x"</ETag></CopyObjectResult>');
const copy = (client: S3Client) => {
  const input = { ...client.ownBucket, Key: 'a', CopySource: '/other/a' };
  return client.ask('copy', (s3, http) => s3.copyObject(input, http));
};

describe('an answer that is not the last word', () => {
  test('503 with Retry-After: so long, and then again', async () => {
    const { client, rig, seen } = await service(refuse(503, 'SlowDown', { 'retry-after': '7' }), fine);
    const start = rig.context.clock.monotonic();
    await copy(client);
    expect(rig.context.clock.monotonic() - start).toBeGreaterThan(7000);
    expect(seen).toHaveLength(2);
    expect(rig.logs).toEqual([expect.stringContaining('is overloaded: 2 requests at a time') as string]);
  });

  test.each([
    ['a day', '86400'],
    ['a date in a hundred years', new Date('2126-01-01T00:00:00Z').toUTCString()],
  ])('503 with Retry-After of %s: two minutes and the pause of its own at most', async (_, asked) => {
    const { client, rig } = await service(refuse(503, 'SlowDown', { 'retry-after': asked }), fine);
    const start = rig.context.clock.monotonic();
    await copy(client);
    const waited = rig.context.clock.monotonic() - start;
    expect(waited).toBeGreaterThanOrEqual(120_000);
    expect(waited).toBeLessThan(150_000);
  });

  test('200 with an error inside', async () => {
    const { client, seen } = await service(
      (response) => response.end('<?xml version="1.0"?>\n<Error><Code>InternalError</Code></Error>'),
      fine,
    );
    expect((await copy(client)).CopyObjectResult?.ETag).toBe('"x"');
    expect(seen).toHaveLength(2);
  });

  test('a connection that breaks, before and in the middle of an answer', async () => {
    const { client, seen } = await service(
      (response) => response.destroy(),
      (response) => {
        response.writeHead(200, { 'content-length': '100' });
        response.write('<Copy', () => response.destroy());
      },
      fine,
    );
    await copy(client);
    expect(seen).toHaveLength(3);
  });

  test('a download that breaks in the middle begins anew, and only the whole is kept', async () => {
    const { client } = await service(
      (response) => {
        response.writeHead(200, { 'content-length': '10' });
        response.write('01234', () => response.destroy());
      },
      (response) => response.end('0123456789'),
    );
    const place = { path: join(folder, 'a'), mayReplace: true };
    const saved = await download(client, { key: 'a' }, place, { partial: join(folder, 'a half') });
    expect(saved).toMatchObject({ bytes: 10, provedBy: 'size' });
    expect(await readFile(join(folder, 'a'), 'utf8')).toBe('0123456789');
    expect((await readdir(folder)).sort()).toEqual(['a', 'key', 'secret']);
  });

  test('what the disk refuses in the middle of a download is no broken connection', async () => {
    const { client, seen } = await service((response) => response.end('0123456789'));
    const place = { path: join(folder, 'a'), mayReplace: true };
    const partial = join(folder, 'no such folder', 'a');
    expect(await failureOf(download(client, { key: 'a' }, place, { partial }))).toMatchObject({
      code: 'noSuchFile',
    });
    expect(seen).toHaveLength(1);
  });

  test('a token that has expired: credentials are read anew, once', async () => {
    const { client, seen, keyFile } = await service((response, request) => {
      // Renewed meanwhile, where the environment reads it.
      writeFileSync(keyFile, 'AKIASECOND');
      refuse(400, 'ExpiredToken')(response, request);
    }, fine);
    await copy(client);
    expect(seen.map(({ headers }) => /Credential=(\w+)/.exec(headers.authorization ?? '')?.[1])).toEqual([
      'AKIAFIRST',
      'AKIASECOND',
    ]);
  });
});

describe('an answer that is', () => {
  test('a refusal is not repeated', async () => {
    const { client, seen } = await service(refuse(403, 'AccessDenied'));
    expect(await failureOf(copy(client))).toMatchObject({ code: 'AccessDenied', retryable: false });
    expect(seen).toHaveLength(1);
  });

  test('a page of a proxy is shown by its status', async () => {
    const { client } = await service((response) => response.writeHead(404).end('<html>'));
    expect(await failureOf(copy(client))).toMatchObject({ code: 'NotFound' });
  });

  test('an expired token stays one', async () => {
    const { client, seen } = await service(refuse(400, 'ExpiredToken'));
    const error = await failureOf(copy(client));
    expect(error).toMatchObject({
      code: 'ExpiredToken',
      hint: expect.stringContaining('temporary') as string,
    });
    expect(seen).toHaveLength(2);
  });
});

const FAR = 3 * 3_600_000;

describe('what else a service can do', () => {
  test('be silent', async () => {
    const { rig } = await service(() => undefined);
    // It is the time for a connection too, without which nothing would have been asked: also of a busy machine.
    const hasty = openBucket({ name: 'videos' }, rig.context, { patience: { attempts: 2, silenceMs: 1000 } });
    expect(await failureOf(copy(hasty))).toMatchObject({
      code: 'timeout',
      changed: 'maybe',
      retryable: true,
    });
  });

  test('fall silent in the middle of an object', async () => {
    const { rig } = await service((response) => {
      response.writeHead(200, { 'content-length': '10' });
      response.write('01234');
    });
    const hasty = openBucket({ name: 'videos' }, rig.context, { patience: { attempts: 2, silenceMs: 100 } });
    const reading = hasty.read({ key: 'a' }, async ({ Body }) => Body?.transformToString());
    expect(await failureOf(reading)).toMatchObject({ code: 'timeout', retryable: true });
  });

  test.each(['<html><body>Log in</body></html>', 'Log in', '{"message": "Log in"}', ''])(
    'be none of S3: %j',
    async (page) => {
      const { client } = await service((response) => response.end(page));
      const listed = listObjects(client, {}).next();
      expect(await failureOf(listed)).toMatchObject({ code: 'notS3', retryable: false });
    },
  );

  test.each([
    ['3h 00m ahead', -FAR, refuse(403, 'RequestTimeTooSkewed')],
    ['3h 00m behind', FAR, refuse(403, 'RequestTimeTooSkewed')],
    // Without a word, as to HEAD.
    ['3h 00m ahead', -FAR, (response) => response.writeHead(403).end()],
  ])('find the clock of this machine %s: it is refused and not made up for', async (how, offMs, answer) => {
    const { client, seen } = await service((response, request) => {
      response.setHeader('date', new Date(Date.now() + offMs).toUTCString());
      answer(response, request);
    }, fine);
    const error = await failureOf(copy(client));
    expect(error).toMatchObject({ code: 'RequestTimeTooSkewed', retryable: false });
    expect(error.message).toContain(`the clock of this machine is ${how}`);
    expect(seen).toHaveLength(1);
  });

  test('have the bucket in another region: it is named, and not gone to', async () => {
    const { client, seen } = await service(
      refuse(301, 'PermanentRedirect', { 'x-amz-bucket-region': 'eu-west-1' }),
      fine,
    );
    const error = await failureOf(copy(client));
    expect(error).toMatchObject({
      code: 'wrongRegion',
      hint: expect.stringContaining('eu-west-1') as string,
    });
    expect(seen).toHaveLength(1);
  });

  test('be asked something while an object is read, though it bears one request at a time', async () => {
    const { rig } = await service((response, request) => {
      response.setHeader('etag', '"no digest"');
      response.setHeader('x-amz-checksum-crc32', 'y/Q5Jg==');
      response.writeHead(200, { 'content-length': '9' }).end(request.method === 'HEAD' ? '' : '123456789');
    });
    const single = openBucket({ name: 'videos' }, rig.context, { concurrency: 1 });
    const place = { path: join(folder, 'a'), mayReplace: true };
    const saved = await download(single, { key: 'a' }, place, { partial: join(folder, 'a half') });
    expect(saved).toMatchObject({ bytes: 9, provedBy: 'digest' });
  });
});

test('versions and delete markers of one second stay in the order in which S3 names them', async () => {
  const entry = (element: string, id: string): string =>
    `<${element}><Key>a</Key><VersionId>${id}</VersionId><IsLatest>${id === '5'}</IsLatest>` +
    `<LastModified>2026-01-01T00:00:00.000Z</LastModified></${element}>`;
  const { client } = await service((response) =>
    response.end(
      `<ListVersionsResult><Name>videos</Name>${entry('DeleteMarker', '5')}${entry('DeleteMarker', '4')}` +
        `${entry('Version', '3')}${entry('DeleteMarker', '2')}${entry('Version', '1')}</ListVersionsResult>`,
    ),
  );
  const found: string[] = [];
  for await (const { versionId, isMarker } of listVersions(client, {}))
    found.push(`${versionId}${isMarker ? ' marker' : ''}`);
  expect(found).toEqual(['5 marker', '4 marker', '3', '2 marker', '1']);
});

test('each request says who must own the bucket, and no secret is in it', async () => {
  const { rig, seen, client } = await service(fine);
  const owned = openBucket({ name: 'videos', fingerprint: { account: '123456789012' } }, rig.context);
  await copy(owned);
  await copy(client);
  expect(seen.map(({ headers }) => headers['x-amz-expected-bucket-owner'])).toEqual([
    '123456789012',
    undefined,
  ]);
  expect(JSON.stringify(seen.map(({ headers, url }) => [headers, url]))).not.toContain('secret');
});

test.each([
  ['of its own', { requesterPays: true }, {}, ['requester']],
  ['that is copied from', {}, { requesterPays: true }, ['requester']],
  ['that nobody has to pay for', {}, {}, [undefined]],
])('each request to a bucket %s says who pays', async (_, own, other, expected) => {
  const { rig, seen } = await service(fine);
  const client = openBucket({ name: 'videos', ...own }, rig.context);
  const from = openBucket({ name: 'others', ...other }, rig.context);
  const uploads = { find: () => undefined, begun: () => Promise.resolve(), ended: () => undefined };
  const source = { from, key: 'a', size: 1, etag: 'e' };
  await copyObject(client, source, { storageClass: 'STANDARD', uploads });
  expect(seen.map(({ headers }) => headers['x-amz-request-payer'])).toEqual(expected);
});

describe('where a bucket is', () => {
  const load = async (buckets: string, aws = '') => {
    const text = `version: 1
name: test
kind: staging
aws:
  account: "123456789012"
  credentials: { accessKeyId: { env: A }, secretAccessKey: { env: B }, sessionToken: { env: C } }
${aws}buckets: { videos: ${buckets} }
`;
    const { value, diagnostics } = await loadEnvironment(new SourceFile('test.yaml', text));
    expect(diagnostics).toEqual([]);
    const access = bucketAccess((value!.data['buckets'] as ValueMap)['videos'] as ValueMap, value!);
    const url = endpointOf(await openSdk(access, stepRig().context), access);
    return { ...access, url: url.href };
  };

  test('at AWS it is part of the host, in the region', async () => {
    expect(await load('{ name: videos }', '  region: eu-west-1\n')).toMatchObject({
      region: 'eu-west-1',
      url: 'https://videos.s3.eu-west-1.amazonaws.com/',
      owner: '123456789012',
      credentials: { source: { sessionToken: { $ref: 'env', name: 'C' } } },
    });
  });

  test.each([
    ['China', '{ name: videos, region: cn-north-1 }', '', 'https://videos.s3.cn-north-1.amazonaws.com.cn/'],
    [
      'GovCloud, FIPS',
      '{ name: videos, region: us-gov-west-1 }',
      '  fips: true\n',
      'https://videos.s3-fips.us-gov-west-1.amazonaws.com/',
    ],
    [
      'IPv6',
      '{ name: videos }',
      '  dualStack: true\n',
      'https://videos.s3.dualstack.us-east-1.amazonaws.com/',
    ],
  ])('%s', async (_where, bucket, aws, url) => {
    expect(await load(bucket, aws)).toMatchObject({ url });
  });

  test('with a dot in its name it is part of the path, or no certificate would fit', async () => {
    expect(await load('{ name: videos.example.com, region: us-west-2 }')).toMatchObject({
      url: 'https://s3.us-west-2.amazonaws.com/videos.example.com',
    });
  });

  test('its own entry may be asked as somebody else, or as a role', async () => {
    expect(
      await load('{ name: v, profile: ops }', '  roleArn: arn:aws:iam::123456789012:role/r\n'),
    ).toMatchObject({
      credentials: { source: { from: 'profile', profile: 'ops' } },
    });
    const role = 'arn:aws:iam::123456789012:role/other';
    expect(await load(`{ name: v, roleArn: "${role}", externalId: peakops }`)).toMatchObject({
      credentials: { source: { from: 'keys' }, role: { roleArn: role, externalId: 'peakops' } },
    });
    expect(
      (await load('{ name: v, chain: true }', '  roleArn: arn:aws:iam::1:role/r\n')).credentials,
    ).toEqual({
      source: { from: 'chain' },
    });
  });

  test('its own entry goes before the section', async () => {
    const own =
      '{ name: v, endpoint: "http://localhost:9000", credentials: { accessKeyId: { env: X }, secretAccessKey: { env: Y } }, fingerprint: { account: "999999999999" } }';
    expect(await load(own)).toMatchObject({
      url: 'http://localhost:9000/v',
      owner: '999999999999',
      credentials: { source: { accessKeyId: { $ref: 'env', name: 'X' } } },
    });
  });
});
