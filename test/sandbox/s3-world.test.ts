import { readFile } from 'node:fs/promises';
import {
  DeleteObjectCommand,
  GetBucketLifecycleConfigurationCommand,
  GetBucketVersioningCommand,
  GetObjectCommand,
  HeadBucketCommand,
  HeadObjectCommand,
  ListObjectVersionsCommand,
  ListObjectsV2Command,
  RestoreObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { Duration } from '../../engine/base/duration.ts';
import { Instant } from '../../engine/base/instant.ts';
import type { Loss } from '../../engine/sandbox/ground/loss.ts';
import type { World } from '../../engine/sandbox/world.ts';
import { environmentOf, renderOf, request, start, until } from './rig.ts';

interface S3Environment {
  readonly aws: {
    readonly region: string;
    readonly account: string;
    readonly endpoint: string;
    readonly credentials: Readonly<Record<'accessKeyId' | 'secretAccessKey', { readonly file: string }>>;
    readonly archive: { readonly realRetrieval: string };
  };
  readonly buckets: Readonly<
    Record<'videos' | 'videosReplica' | 'dumps', { readonly name: string; readonly region: string }>
  >;
}

const worlds: World[] = [];
const endAll = () => Promise.all(worlds.splice(0).map((world) => world.stop()));

async function begin(): Promise<{
  readonly world: World;
  readonly environment: S3Environment;
  readonly client: (region: string) => S3Client;
}> {
  const world = await start();
  worlds.push(world);
  const environment = parse(await world.environmentText()) as S3Environment;
  const { endpoint, credentials } = environment.aws;
  const keys = {
    accessKeyId: await readFile(credentials.accessKeyId.file, 'utf8'),
    secretAccessKey: await readFile(credentials.secretAccessKey.file, 'utf8'),
  };
  const client = (region: string): S3Client =>
    new S3Client({ endpoint, region, credentials: keys, forcePathStyle: true });
  await world.baseline();
  return { world, environment, client };
}

async function lostUploads(world: World): Promise<Loss> {
  const loss = await world.lostUploads();
  if (loss === undefined) throw new Error('nobody uploads in this world');
  return loss;
}

describe('the S3 side of a world', () => {
  let world: World;
  let environment: S3Environment;
  let home: S3Client;
  let client: (region: string) => S3Client;
  const videos = 'peakops-videos';
  beforeAll(async () => {
    ({ world, environment, client } = await begin());
    home = client('us-east-1');
  });
  afterAll(endAll);

  const newest = async (): Promise<{
    status: number;
    body: { key: string; bytes: number; reason?: string };
  }> => request(`${(await environmentOf(world)).publicUrl}/api/videos/newest/`);

  test('is named in the environment, with what AWS really needs for a retrieval', () => {
    expect(environment.buckets).toMatchObject({
      videos: { name: videos, region: 'us-east-1' },
      videosReplica: { name: 'peakops-videos-replica', region: 'us-west-2' },
      dumps: { name: 'peakops-dumps', region: 'us-east-1' },
    });
    expect(environment.aws).toMatchObject({
      region: 'us-east-1',
      archive: {
        realRetrieval: {
          GLACIER: { Expedited: '5m', Standard: '5h', Bulk: '12h' },
          DEEP_ARCHIVE: { Standard: '12h', Bulk: '2d' },
        },
      },
    });
    expect(environment.aws.account).toMatch(/^\d{12}$/);
  });

  test('holds an object for every row of the table of videos', async () => {
    const { Contents } = await home.send(new ListObjectsV2Command({ Bucket: videos }));
    expect(Contents!.length).toBeGreaterThanOrEqual(500);
  });

  test('gets a video a second from the application, which are replicated', async () => {
    const { acknowledged } = await lostUploads(world);
    await until(
      'more is uploaded',
      () => lostUploads(world),
      (loss) => loss.acknowledged >= acknowledged + 2,
    );
    expect((await lostUploads(world)).lost).toBe(0);
    const { status, body } = await newest();
    expect([status, body.bytes]).toEqual([200, 4096]);
    const replica = client('us-west-2');
    const { VersionId } = await home.send(new HeadObjectCommand({ Bucket: videos, Key: body.key }));
    await until(
      'the replica has it',
      () =>
        replica
          .send(new HeadObjectCommand({ Bucket: 'peakops-videos-replica', Key: body.key, VersionId }))
          .then(
            ({ ReplicationStatus }) => ReplicationStatus,
            () => undefined,
          ),
      (replication) => replication === 'REPLICA',
    );
  });

  test('objects that are deleted leave markers from that moment on, and none before it', async () => {
    const { output, description } = await world.inject('s3.delete-objects', {
      prefix: 'uploads/1',
      share: 0.5,
    });
    expect(description).toMatch(/objects of the bucket peakops-videos were deleted/);
    expect(output['at']).toBeInstanceOf(Instant);
    const { DeleteMarkers } = await home.send(new ListObjectVersionsCommand({ Bucket: videos }));
    expect(DeleteMarkers).toHaveLength(output['objects'] as number);
    const at = (output['at'] as Instant).epochMillis;
    expect(DeleteMarkers!.every(({ LastModified }) => LastModified!.getTime() >= at)).toBe(true);
    for (const { Key, VersionId } of DeleteMarkers!) {
      await home.send(new DeleteObjectCommand({ Bucket: videos, Key, VersionId }));
    }
  });

  test('objects that are overwritten keep their size and their good version', async () => {
    const { output } = await world.inject('s3.overwrite-objects', { prefix: 'uploads/2', share: 0.1 });
    const Prefix = output['example'] as string;
    const { Versions } = await home.send(new ListObjectVersionsCommand({ Bucket: videos, Prefix }));
    const [bad, good] = Versions!;
    expect(bad!.Size).toBe(good!.Size);
    expect(bad!.ETag).not.toBe(good!.ETag);
    const at = (output['at'] as Instant).epochMillis;
    expect(bad!.LastModified!.getTime()).toBeGreaterThanOrEqual(at);
    expect(good!.LastModified!.getTime()).toBeLessThan(at);
  });

  test('objects that are archived cannot be read before they are restored', async () => {
    const { output } = await world.inject('s3.archive-objects', { prefix: 'uploads/3', share: 0.1 });
    const object = { Bucket: videos, Key: output['example'] as string };
    await expect(home.send(new GetObjectCommand(object))).rejects.toMatchObject({
      name: 'InvalidObjectState',
    });
    await home.send(new RestoreObjectCommand({ ...object, RestoreRequest: { Days: 1 } }));
    await until(
      'it is restored',
      () => home.send(new HeadObjectCommand(object)),
      ({ Restore }) => Restore?.startsWith('ongoing-request="false"') === true,
    );
    await home.send(new GetObjectCommand(object));
  });

  test('settings that are reset leave a bucket without versions, lifecycle and replication', async () => {
    const { output } = await world.inject('s3.reset-settings', { bucket: 'dumps' });
    expect(output['removed']).toContain('lifecycle');
    const Bucket = 'peakops-dumps';
    expect(await home.send(new GetBucketVersioningCommand({ Bucket }))).toMatchObject({
      Status: 'Suspended',
    });
    await expect(home.send(new GetBucketLifecycleConfigurationCommand({ Bucket }))).rejects.toMatchObject({
      name: 'NoSuchLifecycleConfiguration',
    });
  });

  test('a fault with nothing to break is refused', async () => {
    await expect(world.inject('s3.delete-objects', { prefix: 'nothing/' })).rejects.toThrow(
      /s3.delete-objects: peakops-videos has no object under "nothing\/"/,
    );
    await expect(world.inject('s3.delete-bucket', { bucket: 'other' })).rejects.toThrow(
      /there is no bucket other/,
    );
  });

  test('an uploaded video that is overwritten is lost', async () => {
    const { body } = await newest();
    await world.inject('s3.overwrite-objects', { prefix: body.key });
    expect(await world.lostUploads()).toMatchObject({ lost: 1 });
  });

  test('a bucket that is deleted takes its replica with it where that is asked for: then nothing is left', async () => {
    const { output } = await world.inject('s3.delete-bucket', { also: ['videosReplica'] });
    expect(output['unreplicated']).toBe(output['objects']);
    const head = client('us-west-2').send(new HeadBucketCommand({ Bucket: 'peakops-videos-replica' }));
    await expect(head).rejects.toMatchObject({ name: 'NotFound' });
  });
});

describe('a bucket that is deleted', () => {
  afterEach(endAll);

  test('is gone with its content; the application goes on, and serves from the replica once it is told to', async () => {
    const { world, client } = await begin();
    const { output } = await world.inject('s3.delete-bucket', { replicationLag: Duration.parse('30s')! });
    expect(output['unreplicated']).toBeGreaterThanOrEqual(1);
    const head = client('us-east-1').send(new HeadBucketCommand({ Bucket: 'peakops-videos' }));
    await expect(head).rejects.toMatchObject({ name: 'NotFound' });
    const environment = await environmentOf(world);
    const videos = (): Promise<{ status: number; body: unknown }> =>
      request(`${environment.publicUrl}/api/videos/newest/`);
    expect(await videos()).toMatchObject({
      status: 503,
      body: { reason: expect.stringMatching(/NoSuchBucket/) as string },
    });
    expect((await request(`${environment.publicUrl}/api/health/`)).status).toBe(200);
    expect(await lostUploads(world)).toMatchObject({ lost: (await lostUploads(world)).acknowledged });

    const render = await renderOf(environment);
    const service = `/services/${environment.services.api.renderId}`;
    await render('PUT', `${service}/env-vars/AWS_STORAGE_BUCKET_NAME`, { value: 'peakops-videos-replica' });
    await render('POST', `${service}/deploys`, { deployMode: 'deploy_only' });
    await until('a new video can be played', videos, ({ status }) => status === 200);
    const loss = await lostUploads(world);
    expect(loss.lost).toBe(output['unreplicated']);
    expect(loss.acknowledged).toBeGreaterThan(loss.lost);
  });

  test('has lost nothing where the replica has caught up', async () => {
    const { world } = await begin();
    const { output } = await world.inject('s3.delete-bucket', { replicationLag: Duration.parse('0s')! });
    expect(output['unreplicated']).toBe(0);
  });
});
