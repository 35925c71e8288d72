import {
  DeleteBucketIntelligentTieringConfigurationCommand,
  DeleteBucketOwnershipControlsCommand,
  DeleteBucketWebsiteCommand,
  GetBucketAccelerateConfigurationCommand,
  GetBucketIntelligentTieringConfigurationCommand,
  GetBucketLoggingCommand,
  GetBucketNotificationConfigurationCommand,
  GetBucketOwnershipControlsCommand,
  GetBucketRequestPaymentCommand,
  GetBucketWebsiteCommand,
  GetObjectLockConfigurationCommand,
  ListBucketIntelligentTieringConfigurationsCommand,
  PutBucketAccelerateConfigurationCommand,
  PutBucketIntelligentTieringConfigurationCommand,
  PutBucketLoggingCommand,
  PutBucketNotificationConfigurationCommand,
  PutBucketOwnershipControlsCommand,
  PutBucketRequestPaymentCommand,
  PutBucketVersioningCommand,
  PutBucketWebsiteCommand,
  PutObjectLockConfigurationCommand,
} from '@aws-sdk/client-s3';
import type {
  IntelligentTieringConfiguration,
  ObjectLockConfiguration,
  WebsiteConfiguration,
} from '@aws-sdk/client-s3';
import { expect } from 'vitest';
import { contract, failure } from './rig.ts';

contract('further settings of a bucket', (rule) => {
  rule('whose uploads are is kept, returned and deleted', async ({ client, bucket }) => {
    const Bucket = await bucket();
    const get = () => client.send(new GetBucketOwnershipControlsCommand({ Bucket }));
    expect((await get()).OwnershipControls).toEqual({ Rules: [{ ObjectOwnership: 'BucketOwnerEnforced' }] });
    const OwnershipControls = { Rules: [{ ObjectOwnership: 'ObjectWriter' as const }] };
    await client.send(new PutBucketOwnershipControlsCommand({ Bucket, OwnershipControls }));
    expect((await get()).OwnershipControls).toEqual(OwnershipControls);
    await client.send(new DeleteBucketOwnershipControlsCommand({ Bucket }));
    expect(await failure(get())).toMatchObject({ code: 'OwnershipControlsNotFoundError', status: 404 });
  });

  rule('logs of access go to a bucket that is there', async ({ client, bucket }) => {
    const [Bucket, TargetBucket] = [await bucket(), await bucket()];
    const get = () => client.send(new GetBucketLoggingCommand({ Bucket }));
    const put = (LoggingEnabled?: { TargetBucket: string; TargetPrefix: string }) =>
      client.send(new PutBucketLoggingCommand({ Bucket, BucketLoggingStatus: { LoggingEnabled } }));
    expect((await get()).LoggingEnabled).toBeUndefined();
    const refused = put({ TargetBucket: `${TargetBucket}-gone`, TargetPrefix: '' });
    expect(await failure(refused)).toMatchObject({ code: 'InvalidTargetBucketForLogging', status: 400 });
    await put({ TargetBucket, TargetPrefix: 'access/' });
    expect((await get()).LoggingEnabled).toEqual({ TargetBucket, TargetPrefix: 'access/' });
    await put();
    expect((await get()).LoggingEnabled).toBeUndefined();
  });

  rule(
    'who pays for requests is kept and returned, and is the owner at first',
    async ({ client, bucket }) => {
      const Bucket = await bucket();
      const get = () => client.send(new GetBucketRequestPaymentCommand({ Bucket }));
      expect((await get()).Payer).toBe('BucketOwner');
      const RequestPaymentConfiguration = { Payer: 'Requester' as const };
      await client.send(new PutBucketRequestPaymentCommand({ Bucket, RequestPaymentConfiguration }));
      expect((await get()).Payer).toBe('Requester');
    },
  );

  rule('a website is kept, returned and deleted', async ({ client, bucket }) => {
    const Bucket = await bucket();
    const get = () => client.send(new GetBucketWebsiteCommand({ Bucket }));
    expect(await failure(get())).toMatchObject({ code: 'NoSuchWebsiteConfiguration', status: 404 });
    const put = (WebsiteConfiguration: WebsiteConfiguration) =>
      client.send(new PutBucketWebsiteCommand({ Bucket, WebsiteConfiguration }));
    expect(await failure(put({ ErrorDocument: { Key: 'e' } }))).toMatchObject({ status: 400 });
    await put({ IndexDocument: { Suffix: 'index.html' }, ErrorDocument: { Key: 'error.html' } });
    expect(await get()).toMatchObject({
      IndexDocument: { Suffix: 'index.html' },
      ErrorDocument: { Key: 'error.html' },
    });
    await client.send(new DeleteBucketWebsiteCommand({ Bucket }));
    expect(await failure(get())).toMatchObject({ code: 'NoSuchWebsiteConfiguration' });
  });

  rule('acceleration is kept and returned', async ({ client, bucket }) => {
    const Bucket = await bucket();
    const get = () => client.send(new GetBucketAccelerateConfigurationCommand({ Bucket }));
    expect((await get()).Status).toBeUndefined();
    const AccelerateConfiguration = { Status: 'Enabled' as const };
    await client.send(new PutBucketAccelerateConfigurationCommand({ Bucket, AccelerateConfiguration }));
    expect((await get()).Status).toBe('Enabled');
  });

  rule(
    'who is told of events gets an id, and an empty configuration tells nobody',
    async ({ client, bucket }) => {
      const Bucket = await bucket();
      const get = () => client.send(new GetBucketNotificationConfigurationCommand({ Bucket }));
      const queue = {
        QueueArn: 'arn:aws:sqs:us-east-1:123456789012:encode',
        Events: ['s3:ObjectCreated:*' as const],
      };
      await client.send(
        new PutBucketNotificationConfigurationCommand({
          Bucket,
          NotificationConfiguration: { QueueConfigurations: [queue], EventBridgeConfiguration: {} },
        }),
      );
      expect(await get()).toMatchObject({
        QueueConfigurations: [{ ...queue, Id: expect.any(String) as string }],
        EventBridgeConfiguration: {},
      });
      await client.send(
        new PutBucketNotificationConfigurationCommand({ Bucket, NotificationConfiguration: {} }),
      );
      expect((await get()).QueueConfigurations).toBeUndefined();
    },
  );

  rule('configurations of Intelligent-Tiering come and go by their ids', async ({ client, bucket }) => {
    const Bucket = await bucket();
    const tiering = (Id: string, Days: number): IntelligentTieringConfiguration => ({
      Id,
      Status: 'Enabled',
      Tierings: [{ AccessTier: 'ARCHIVE_ACCESS', Days }],
    });
    const put = (configuration: IntelligentTieringConfiguration) =>
      client.send(
        new PutBucketIntelligentTieringConfigurationCommand({
          Bucket,
          Id: configuration.Id,
          IntelligentTieringConfiguration: configuration,
        }),
      );
    const list = async () =>
      (await client.send(new ListBucketIntelligentTieringConfigurationsCommand({ Bucket })))
        .IntelligentTieringConfigurationList;
    expect(await list()).toBeUndefined();
    expect(await failure(put(tiering('cold', 30)))).toMatchObject({ code: 'InvalidArgument', status: 400 });
    await put(tiering('cold', 90));
    await put(tiering('old', 365));
    await put(tiering('cold', 100));
    expect(await list()).toEqual(expect.arrayContaining([tiering('old', 365), tiering('cold', 100)]));
    await client.send(new DeleteBucketIntelligentTieringConfigurationCommand({ Bucket, Id: 'cold' }));
    expect(await list()).toEqual([tiering('old', 365)]);
    const gone = client.send(new GetBucketIntelligentTieringConfigurationCommand({ Bucket, Id: 'cold' }));
    expect(await failure(gone)).toMatchObject({ code: 'NoSuchConfiguration', status: 404 });
  });

  rule(
    'Object Lock demands versions, and that they are kept',
    async ({ client, bucket, versionedBucket }) => {
      const Bucket = await versionedBucket();
      const get = () => client.send(new GetObjectLockConfigurationCommand({ Bucket }));
      const put = (name: string, ObjectLockConfiguration: ObjectLockConfiguration) =>
        client.send(new PutObjectLockConfigurationCommand({ Bucket: name, ObjectLockConfiguration }));
      expect(await failure(get())).toMatchObject({
        code: 'ObjectLockConfigurationNotFoundError',
        status: 404,
      });
      const lock: ObjectLockConfiguration = {
        ObjectLockEnabled: 'Enabled',
        Rule: { DefaultRetention: { Mode: 'GOVERNANCE', Days: 7 } },
      };
      expect(await failure(put(await bucket(), lock))).toMatchObject({ code: 'InvalidBucketState' });
      await put(Bucket, lock);
      expect((await get()).ObjectLockConfiguration).toEqual(lock);
      const suspended = client.send(
        new PutBucketVersioningCommand({ Bucket, VersioningConfiguration: { Status: 'Suspended' } }),
      );
      expect(await failure(suspended)).toMatchObject({ code: 'InvalidBucketState', status: 409 });
    },
  );
});
