import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ValueMap } from '../../../engine/base/value.ts';
import { openDatabase } from '../../../engine/kinds/postgres/client/connection.ts';
import { openBucket } from '../../../engine/kinds/s3/client/client.ts';
import type { PostgresRig } from '../../rig/postgres.ts';
import { startPostgres } from '../../rig/postgres.ts';
import { startS3 } from '../../rig/s3.ts';
import { environmentWith, failureOf, stepRig } from '../../rig/step.ts';

/** Should a step ever come past the interlock, the connection itself refuses to write. */
describe('a target of another environment', () => {
  let postgres: PostgresRig;
  let s3: Awaited<ReturnType<typeof startS3>>;
  beforeAll(async () => {
    [postgres, s3] = await Promise.all([startPostgres(), startS3()]);
    process.env['DRILLBOOK_TEST_SOURCE_URL'] = postgres.url();
  });
  afterAll(() => Promise.all([postgres.close(), s3.close()]));

  test('is read by a session in which its server refuses whatever writes', async () => {
    const target: ValueMap = {
      name: 'main',
      url: { $ref: 'env', name: 'DRILLBOOK_TEST_SOURCE_URL' },
      $target: 'sources.production.databases.main',
    };
    const { context } = stepRig();
    const session = await openDatabase(target, context);
    try {
      const { rows } = await session.run('select 1 as one', [], { maxRows: 1, writes: false });
      expect(rows).toEqual([{ one: 1 }]);
      const options = { maxRows: 1, writes: true };
      const error = await failureOf(session.run('create table own (id int)', [], options));
      expect(error.code).toBe('25006');
    } finally {
      await session.close();
    }
  });

  test('is asked where its own environment says, and of a bucket only what reads leaves', async () => {
    const bucket = await s3.bucket();
    await s3.put(bucket, { 'a.dump': 'one' });
    const { context } = stepRig();
    const production = environmentWith(s3.environment);
    const environment = { ...context.environment, sources: { production } };
    const target = { ...bucket, $target: 'sources.production.buckets.dumps' };
    const client = openBucket(target, { ...context, environment });
    const { KeyCount } = await client.ask('list', (sdk, http) => sdk.listObjectsV2(client.ownBucket, http));
    expect(KeyCount).toBe(1);
    const put = client.ask('put', (sdk, http) =>
      sdk.putObject({ ...client.ownBucket, Key: 'b.dump', Body: 'two' }, http),
    );
    expect(await failureOf(put)).toMatchObject({ code: 'interlock' });
    expect(await s3.contents(bucket)).toEqual({ 'a.dump': 'one' });
    client.close();
  });
});
