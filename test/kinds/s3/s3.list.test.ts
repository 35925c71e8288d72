import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Instant } from '../../../engine/base/instant.ts';
import type { ValueMap } from '../../../engine/base/value.ts';
import { manyObjects, s3Rig, startS3, STRANGER } from '../../rig/s3.ts';
import { failureOf, kindOf } from '../../rig/step.ts';

let s3: Awaited<ReturnType<typeof startS3>>;
let bucket: ValueMap;
beforeAll(async () => {
  s3 = await startS3();
  bucket = await s3.bucket();
  await s3.put(bucket, { ...manyObjects(1200, ''), 'other/a b+ü.txt': 'hello' });
});
afterAll(() => s3.close());

describe('a listing', () => {
  test('counts over all pages, and names the first', async () => {
    const output = await s3.run('s3.list', { bucket, max: 2 });
    expect(output).toMatchObject({
      count: 1201,
      objects: [{ key: 'other/a b+ü.txt', size: 5 }, { size: 2 }],
    });
    expect(output['newest']).toBeInstanceOf(Instant);
  });

  test('of a prefix', async () => {
    expect(await s3.run('s3.list', { bucket, prefix: 'other/' })).toMatchObject({ count: 1, bytes: 5 });
  });

  test('names the newest where that is asked for, newest first', async () => {
    const dated = await s3.bucket();
    await s3.put(dated, manyObjects(7));
    await s3.moment();
    await s3.put(dated, { 'b.mp4': '2' });
    const { objects } = await s3.run('s3.list', { bucket: dated, order: 'newest', max: 2 });
    expect(objects).toMatchObject([{ key: 'b.mp4' }, { key: expect.stringMatching(/^videos/) as string }]);
  });

  test('what is asked of all is counted over all, and a part says that it is one', async () => {
    const mixed = await s3.bucket();
    await s3.put(mixed, manyObjects(5));
    await s3.put(mixed, { 'z.mp4': 'z' }, { StorageClass: 'GLACIER' });
    const args = { bucket: mixed, max: 5 };
    expect(await s3.run('s3.list', args)).toMatchObject({
      archived: 1,
      firstArchived: 'z.mp4',
      complete: false,
    });
    expect(await s3.run('s3.list-versions', args)).toMatchObject({ archived: 1, complete: false });
    expect(await s3.run('s3.list', { bucket: mixed, max: 6 })).toMatchObject({ complete: true });
  });

  test('of nothing', async () => {
    expect(await s3.run('s3.list', { bucket, prefix: 'nothing/' })).toEqual({
      count: 0,
      bytes: 0,
      newest: null,
      oldest: null,
      archived: 0,
      firstArchived: null,
      complete: true,
      objects: [],
    });
  });
});

/** Somebody else, or somebody mistaken. */
const as = (keys: { readonly accessKeyId: string; readonly secretAccessKey: string }, url = s3.server.url) =>
  s3Rig({ ...keys, url });

describe('what went wrong is said, with what to do', () => {
  const cases: readonly (readonly [string, () => Promise<unknown>, string, RegExp, RegExp])[] = [
    [
      'another region',
      () => s3.run('s3.list', { bucket: { name: bucket['name']!, region: 'eu-west-1' } }),
      'wrongRegion',
      /is in us-east-1, not in eu-west-1/,
      /Correct the "region".*us-east-1/,
    ],
    [
      'a bucket that is not there',
      () => s3.run('s3.list', { bucket: { name: 'nobody-made-this' } }),
      'NoSuchBucket',
      /there is no bucket nobody-made-this at 127\.0\.0\.1/,
      /name, region and endpoint/,
    ],
    [
      'an account that owns it not',
      () => s3.run('s3.list', { bucket: { ...bucket, fingerprint: { account: '111111111111' } } }),
      'AccessDenied',
      /does not belong to the account 111111111111/,
      /account in the environment/,
    ],
    [
      'somebody who may not',
      () => as(STRANGER).run('s3.list', { bucket: { name: bucket['name']! } }),
      'AccessDenied',
      /may not do this/,
      /policies/,
    ],
    [
      'an unknown key',
      () =>
        as({ accessKeyId: 'AKIANOBODY', secretAccessKey: 'x' }).run('s3.list', {
          bucket: { name: bucket['name']! },
        }),
      'InvalidAccessKeyId',
      /\$DRILLBOOK_TEST_S3_KEY_\d+ is not known/,
      /Check the access key in \$DRILLBOOK_TEST_S3_KEY_/,
    ],
    [
      'a wrong secret',
      () =>
        as({ ...s3.server, secretAccessKey: 'wrong' }).run('s3.list', { bucket: { name: bucket['name']! } }),
      'SignatureDoesNotMatch',
      /does not belong to the access key/,
      /secret key/,
    ],
    [
      'an endpoint where nobody is',
      () => as(s3.server, 'http://127.0.0.1:1').run('s3.list', { bucket: { name: 'b' } }),
      'unreachable',
      /127\.0\.0\.1:1 refuses the connection/,
      /endpoint/,
    ],
    [
      'an endpoint that cannot be found',
      () => as(s3.server, 'http://no-such-host.invalid').run('s3.list', { bucket: { name: 'b' } }),
      'dns',
      /no-such-host\.invalid cannot be resolved/,
      /endpoint and region/,
    ],
    [
      'TLS where there is none',
      () => as(s3.server, s3.server.url.replace('http:', 'https:')).run('s3.list', { bucket: { name: 'b' } }),
      'tls',
      /no secure connection/,
      /protocol/,
    ],
    [
      'an endpoint that is no address',
      () => as(s3.server, 'localhost').run('s3.list', { bucket: { name: 'b' } }),
      'notConfigured',
      /"localhost" is no address/,
      /http:\/\/host:port/,
    ],
  ];
  test.each(cases)('%s', async (_title, work, code, message, hint) => {
    const error = await failureOf(work());
    expect(error.code).toBe(code);
    expect(error.message).toMatch(message);
    expect(error.hint).toMatch(hint);
    expect(error.changed).toBe('nothing');
    expect(error.message + (error.hint ?? '')).not.toContain(s3.server.secretAccessKey);
  });

  test('something that is no S3 service', async () => {
    const web = createServer((_request, response) => response.end('<html>Welcome</html>'));
    await new Promise<void>((resolve) => web.listen(0, '127.0.0.1', resolve));
    const url = `http://127.0.0.1:${(web.address() as AddressInfo).port}`;
    const error = await failureOf(as(s3.server, url).run('s3.list', { bucket: { name: 'b' } }));
    expect(error).toMatchObject({ code: 'notS3' });
    web.closeAllConnections();
    web.close();
  });

  test('no credentials: those of the shell are not used', async () => {
    process.env['AWS_ACCESS_KEY_ID'] = 'AKIAAMBIENT';
    process.env['AWS_SECRET_ACCESS_KEY'] = 'ambient';
    const rig = s3.step({ environment: { aws: { endpoint: s3.server.url } } });
    const error = await failureOf(s3.run('s3.list', { bucket }, rig));
    expect(error).toMatchObject({
      code: 'notConfigured',
      hint: expect.stringContaining('credentials') as string,
    });
    delete process.env['AWS_ACCESS_KEY_ID'];
    delete process.env['AWS_SECRET_ACCESS_KEY'];
  });
});

describe('a service that is not well', () => {
  test('is asked again, and the wait is told as such', async () => {
    s3.service.throttle.refuse(2);
    const rig = s3.step();
    expect(await s3.run('s3.list', { bucket, prefix: 'other/' }, rig)).toMatchObject({ count: 1 });
    expect(rig.activities.map((activity) => activity.class)).toEqual([
      'retry',
      'working',
      'retry',
      'working',
    ]);
  });

  test('that stays so is an error that may pass', async () => {
    s3.service.throttle.refuse(100);
    const error = await failureOf(s3.run('s3.list', { bucket }));
    s3.service.throttle.refuse(0);
    expect(error).toMatchObject({ code: 'SlowDown', retryable: true, changed: 'nothing' });
  });

  test('that never answers is left when the run is stopped', async () => {
    const silent = createServer();
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
    const url = `http://127.0.0.1:${(silent.address() as AddressInfo).port}`;
    const other = as(s3.server, url);
    const rig = other.step();
    silent.once('request', () => rig.abort());
    await expect(other.run('s3.list', { bucket: { name: 'b' } }, rig)).rejects.toThrow('stopped');
    silent.closeAllConnections();
    silent.close();
  });
});

test('says what it would do, and how to do it by hand', async () => {
  const kind = await kindOf('s3.list');
  const args = { bucket: { name: 'peakops-videos', region: 'eu-central-1' }, prefix: 'uploads/' };
  expect(kind.describe(args)).toBe('List peakops-videos under uploads/');
  expect(kind.effect(args)).toBe('read');
  const environment = s3.step({ environment: {} }).context.environment;
  expect(kind.byHand?.(args, environment)).toBe(
    'aws s3 ls --recursive --summarize s3://peakops-videos/uploads/ --region eu-central-1',
  );
});
