import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ValueMap } from '../../engine/base/value.ts';
import { loadEnvironment } from '../../engine/load/environment.ts';
import type { World } from '../../engine/sandbox/world.ts';
import { isAllowed } from '../../engine/sandbox/render/doors.ts';
import { SourceFile } from '../../engine/source/file.ts';
import type { StepRig } from '../rig/step.ts';
import { failureOf, kindOf, realClock, stepRig } from '../rig/step.ts';
import type { Render } from './rig.ts';
import { environmentOf, query, renderOf, startWith } from './rig.ts';

const sqlQuery = await kindOf('sql.query');
const allowIp = await kindOf('render.allow-ip');
const s3List = await kindOf('s3.list');

describe('an allow list', () => {
  const office = [{ cidrBlock: '203.0.113.0/24', description: 'office' }];

  test('admits whom a range of it holds, and nobody when it is empty', () => {
    expect(isAllowed('203.0.113.9', office)).toBe(true);
    expect(isAllowed('203.0.114.9', office)).toBe(false);
    expect(isAllowed('127.0.0.1', [])).toBe(false);
    expect(isAllowed('198.51.100.1', [{ cidrBlock: '0.0.0.0/0', description: 'everybody' }])).toBe(true);
    expect(isAllowed('198.51.100.1', [{ cidrBlock: '198.51.100.1', description: 'me' }])).toBe(true);
    expect(isAllowed('2001:db8::1', [{ cidrBlock: '2001:db8::/32', description: 'six' }])).toBe(true);
    expect(isAllowed('198.51.100.1', [{ cidrBlock: 'the office', description: 'no range' }])).toBe(false);
  });
});

describe('the network of a world', () => {
  let world: World;
  let data: ValueMap;
  let main: ValueMap;
  let videos: ValueMap;
  let render: Render;

  beforeAll(async () => {
    world = await startWith({ reads: 10_000, writes: 10_000 });
    const file = new SourceFile('sandbox.yaml', await world.environmentText());
    data = (await loadEnvironment(file)).value!.data;
    main = (data['databases'] as { readonly main: ValueMap }).main;
    videos = (data['buckets'] as { readonly videos: ValueMap }).videos;
    render = await renderOf(await environmentOf(world));
  });
  afterAll(() => world.stop());

  const rig = (): StepRig => stepRig({ environment: data, clock: realClock });
  const ask = (text: string, with_ = rig()): Promise<ValueMap> =>
    sqlQuery.run({ database: main, query: text }, with_.context);

  test('lets nobody in from outside whom the allow list does not hold; the services stay connected', async () => {
    const id = main['renderId'] as string;
    expect((await ask('select 1 as one'))['rows']).toEqual([{ one: 1 }]);
    await render('PATCH', `/postgres/${id}`, { ipAllowList: [] });
    const error = await failureOf(ask('select 1 as one'));
    expect(error).toMatchObject({ code: 'unreachable', changed: 'nothing', retryable: true });
    expect(error.message).toMatch(/^127\.0\.0\.1:\d+\/peakops as peakops_user: the connection was cut/);
    expect(error.hint).toMatch(/allow list/);
    const { body } = await render<{ internalConnectionString: string; externalConnectionString: string }>(
      'GET',
      `/postgres/${id}/connection-info`,
    );
    expect(body.internalConnectionString).not.toBe(body.externalConnectionString);
    expect(await query(body.internalConnectionString, 'select 1 as one')).toEqual([{ one: 1 }]);
    expect(await allowIp.run({ database: main, add: ['127.0.0.1'] }, rig().context)).toMatchObject({
      changed: true,
      added: ['127.0.0.1/32'],
    });
    expect((await ask('select 1 as one'))['rows']).toEqual([{ one: 1 }]);
  });

  test('when databases are silent, a statement that is stopped ends, and a new connection is given up', async () => {
    const stopped = rig();
    const sleeping = ask('select pg_sleep(60) as slept', stopped).catch((error: unknown) => error);
    const { internalConnectionString: inside } = (
      await render<{ internalConnectionString: string }>(
        'GET',
        `/postgres/${main['renderId'] as string}/connection-info`,
      )
    ).body;
    for (;;) {
      const running = await query(inside, "select from pg_stat_activity where query ~ '^select pg_sleep'");
      if (running.length > 0) break;
    }
    await world.inject('network.hang', { for: '25s' }, 'db');
    stopped.abort();
    const error = await failureOf(ask('select 1 as one'));
    expect(error).toMatchObject({ code: 'timeout', changed: 'nothing', retryable: true });
    expect(error.message).toMatch(/no connection within 10 s$/);
    expect(String(await sleeping)).toMatch(/stopped/);
  });

  test('when S3 is silent, a listing waits and is repeated once it is back', async () => {
    // Counted from before: on a busy machine part of the second is over when the listing begins.
    const begun = performance.now();
    await world.inject('network.hang', { for: '1s' }, 'files');
    const output = await s3List.run({ bucket: videos }, rig().context);
    expect(output['count']).toBeGreaterThanOrEqual(500);
    expect(performance.now() - begun).toBeGreaterThan(990);
  });

  test('what has no network cannot fall silent', async () => {
    await expect(world.inject('network.hang', { for: '1s' }, 'dumps')).rejects.toThrow(
      /the part dumps is a older-backups, which no fault can break/,
    );
  });
});
