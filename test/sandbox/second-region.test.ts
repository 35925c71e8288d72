// @module-tag needs/pg_dump
// @module-tag needs/pg_restore
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { GetObjectCommand, ListObjectsV2Command, S3Client } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { World } from '../../engine/sandbox/world.ts';
import type { Render, SandboxEnvironment } from './rig.ts';
import { environmentOf, query, renderOf, request, start, startWith, until } from './rig.ts';

const HOUR_MS = 3_600_000;

/** What a recovery needs beside what is broken: an older backup, another region, an address to switch, people to ask. */
describe('a world whose region goes down', () => {
  let world: World;
  let environment: SandboxEnvironment;
  let render: Render;
  let folder: string;
  let dump: string;
  let newMain: string;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'drillbook-test-'));
    world = await startWith({ reads: 10_000, writes: 10_000, serviceActions: 100 });
    environment = await environmentOf(world);
    render = await renderOf(environment);
    await world.baseline();
  });
  afterAll(async () => {
    await world.stop();
    await rm(folder, { recursive: true, force: true });
  });

  const health = (url = environment.publicUrl) => request<{ reason?: string }>(`${url}/api/health/`);
  const service = (name: keyof SandboxEnvironment['services']) =>
    render<{ suspended: string }>('GET', `/services/${environment.services[name].renderId}`);
  const connection = async (id: string): Promise<string> =>
    (await render<{ externalConnectionString: string }>('GET', `/postgres/${id}/connection-info`)).body
      .externalConnectionString;
  const storage = async (): Promise<S3Client> => {
    const { endpoint, credentials } = environment.aws;
    return new S3Client({
      endpoint,
      region: 'us-east-1',
      forcePathStyle: true,
      credentials: {
        accessKeyId: await readFile(credentials.accessKeyId.file, 'utf8'),
        secretAccessKey: await readFile(credentials.secretAccessKey.file, 'utf8'),
      },
    });
  };
  const hook = async (channel: 'support' | 'dns', text: string) =>
    request(await readFile(environment.channels[channel].slack.url.file, 'utf8'), 'POST', { text });

  test('has services that wait in the backup region, suspended', async () => {
    expect(environment.values.regions).toEqual({ primary: 'oregon', backup: 'virginia' });
    for (const name of ['apiStandby', 'workerStandby'] as const) {
      expect(await service(name)).toMatchObject({
        body: {
          suspended: 'suspended',
          suspenders: ['user'],
          serviceDetails: { region: 'virginia' },
        },
      });
    }
    expect((await health(environment.services.apiStandby.url)).status).toBe(503);
  });

  test('has an empty staging database on a server of its own, and a service for it', async () => {
    const { main, staging } = environment.databases;
    expect(staging.fingerprint.systemIdentifier).not.toBe(main.fingerprint.systemIdentifier);
    const [row] = await query<{ id: string; tables: number }>(
      await connection(staging.renderId),
      `select (select system_identifier::text from pg_control_system()) as id,
              (select count(*)::int from pg_tables where schemaname = 'public') as tables`,
    );
    expect(row).toEqual({ id: staging.fingerprint.systemIdentifier, tables: 0 });
    expect((await service('apiStaging')).body.suspended).toBe('suspended');
    expect(environment.buckets['test']).toMatchObject({ name: 'peakops-test', region: 'us-east-1' });
  });

  test('has dumps of earlier days in S3 and an export at Render', async () => {
    const client = await storage();
    const { name: bucket } = environment.buckets['dumps'] ?? { name: '' };
    const listed = await client.send(
      new ListObjectsV2Command({ Bucket: bucket, Prefix: environment.values.dumps.prefix }),
    );
    const objects = (listed.Contents ?? []).toSorted(
      (a, b) => Number(a.LastModified) - Number(b.LastModified),
    );
    const ages = objects.map(({ LastModified }) => Math.round((Date.now() - Number(LastModified)) / HOUR_MS));
    expect(ages).toEqual([78, 54, 30, 6]);
    expect(objects.at(-1)?.Key).toMatch(/^peakops-main\/\d{4}-\d\d-\d\dT\d\d-\d\dZ\.dump$/);
    const newest = await client.send(new GetObjectCommand({ Bucket: bucket, Key: objects.at(-1)?.Key }));
    dump = join(folder, 'newest.dump');
    await writeFile(dump, await newest.Body!.transformToByteArray());
    const { body } = await render<{ createdAt: string; url?: string }[]>(
      'GET',
      `/postgres/${environment.databases.main.renderId}/export`,
    );
    expect(body).toHaveLength(1);
    expect((Date.now() - Date.parse(body[0]!.createdAt)) / HOUR_MS).toBeCloseTo(54, 0);
    expect((await fetch(body[0]!.url ?? '')).status).toBe(200);
  });

  test('is down in its region only', async () => {
    const { output } = await world.inject('render.outage', { region: 'oregon' });
    expect(output['down']).toEqual(['peakops-api', 'peakops-worker', 'peakops-main', 'peakops-staging']);
    expect((await health()).status).toBe(503);
  });

  test('asks support, which cannot help', async () => {
    const support = () => request<{ status: string; answer: string | null }>(environment.values.support.url);
    expect((await support()).body).toMatchObject({ status: 'none', answer: null });
    expect((await hook('support', 'Our services in oregon are down')).status).toBe(200);
    const { body } = await until('support answers', support, ({ body: now }) => now.status === 'answered');
    expect(body.answer).toBe('cannot');
    expect((await health()).status).toBe(503);
  });

  test('is restored from a dump in the backup region: the rows of then, and none after', async () => {
    const { body: own } = await render<{ version: string; owner: { id: string } }>(
      'GET',
      `/postgres/${environment.databases.main.renderId}`,
    );
    const made = await render<{ id: string }>('POST', '/postgres', {
      ...{ name: 'new-main', ownerId: own.owner.id, plan: 'basic_1gb', version: own.version },
      ...{ region: 'virginia', databaseName: 'peakops', databaseUser: 'peakops_user' },
    });
    expect(made.status).toBe(201);
    newMain = made.body.id;
    await until(
      'it is available',
      () => render<{ status: string }>('GET', `/postgres/${newMain}`),
      ({ body }) => body.status === 'available',
    );
    const url = await connection(newMain);
    await promisify(execFile)('pg_restore', ['--no-owner', '--exit-on-error', `--dbname=${url}`, dump]);
    const [held] = await query<{ rows: number; hours: number }>(
      url,
      'select count(*)::int as rows, extract(epoch from now() - max(created_at))::float8 / 3600 as hours from inspections',
    );
    expect(held?.rows).toBe(5000 - 6 * 3);
    expect(held?.hours).toBeGreaterThan(6);
  });

  test('comes back there, and the public address follows when it is switched', async () => {
    const standby = environment.services.apiStandby;
    const { internalConnectionString: value } = (
      await render<{ internalConnectionString: string }>('GET', `/postgres/${newMain}/connection-info`)
    ).body;
    await render('PUT', `/services/${standby.renderId}/env-vars/DATABASE_URL`, { value });
    expect(await render('POST', `/services/${standby.renderId}/resume`)).toMatchObject({ status: 202 });
    await until(
      'the standby is healthy',
      () => health(standby.url),
      ({ status }) => status === 200,
    );
    // Nobody is led there yet, so nobody writes there.
    const [before] = await query<{ rows: number }>(value, 'select count(*)::int as rows from inspections');
    expect(before?.rows).toBe(5000 - 6 * 3);
    const { dns } = environment.values;
    const point = (target: string, token: string) =>
      request(dns.url, 'PUT', { target }, { authorization: `Bearer ${token}` });
    const token = await readFile(dns.token.file, 'utf8');
    expect((await point(standby.url, 'guess')).status).toBe(401);
    expect((await point('https://elsewhere.test', token)).status).toBe(400);
    expect((await health()).status).toBe(503);
    expect(await point(standby.url, token)).toMatchObject({ status: 200, body: { target: standby.url } });
    expect(await request(dns.url)).toMatchObject({ body: { service: 'peakops-api-standby' } });
    await until('the public address is healthy', health, ({ status }) => status === 200);
    await until(
      'customers write again',
      () => query<{ rows: number }>(value, 'select count(*)::int as rows from inspections'),
      ([now]) => (now?.rows ?? 0) > 5000 - 6 * 3,
    );
    // Counted where the address leads: what was written since is kept, what the old region holds is lost.
    const loss = await world.loss();
    expect(loss.lost).toBeGreaterThan(0);
    expect(loss.lost).toBeLessThan(loss.acknowledged);
  });

  test('the address can also be switched by somebody who is asked', async () => {
    const { url } = environment.services.api;
    expect((await hook('dns', 'Please point the record at nowhere')).status).toBe(400);
    expect((await hook('dns', `Please point the record at ${url}, TTL 60`)).status).toBe(200);
    await until(
      'the record points there',
      () => request<{ target: string }>(environment.values.dns.url),
      ({ body }) => body.target === url,
    );
  });
});

describe('a provider that keeps one service down', () => {
  let world: World;
  let environment: SandboxEnvironment;
  beforeAll(async () => {
    world = await start();
    environment = await environmentOf(world);
  });
  afterAll(() => world.stop());

  test('says nothing of it, and lifts it when its support is asked', async () => {
    const { publicUrl, render, services } = environment;
    const { output, description } = await world.inject('render.outage', {
      ...{ only: ['services.api'], support: 'restored', supportAfter: '300ms' },
    });
    expect(description).toBe('Render keeps peakops-api down');
    expect(output['down']).toEqual(['peakops-api']);
    const call = await renderOf(environment);
    expect(await call('POST', `/services/${services.api.renderId}/resume`)).toMatchObject({ status: 400 });
    expect(await request(`${render.statusPage}/api/v2/summary.json`)).toMatchObject({
      body: { status: { indicator: 'none' } },
    });
    await request(await readFile(environment.channels.support.slack.url.file, 'utf8'), 'POST', {
      text: 'Help',
    });
    const { body } = await until(
      'support answers',
      () => request<{ status: string; answer: string }>(environment.values.support.url),
      (news) => news.body.status === 'answered',
    );
    expect(body.answer).toBe('restored');
    await until(
      'it is healthy',
      () => request(`${publicUrl}/api/health/`),
      ({ status }) => status === 200,
    );
  });

  test('what is not there cannot be kept down', async () => {
    await expect(world.inject('render.outage', { only: ['services.nothing'] })).rejects.toThrow(
      'there is no services.nothing here',
    );
  });
});
