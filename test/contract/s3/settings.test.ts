import {
  DeleteBucketCorsCommand,
  DeleteBucketLifecycleCommand,
  DeleteBucketPolicyCommand,
  DeleteBucketTaggingCommand,
  DeletePublicAccessBlockCommand,
  GetBucketCorsCommand,
  GetBucketEncryptionCommand,
  GetBucketLifecycleConfigurationCommand,
  GetBucketPolicyCommand,
  GetBucketReplicationCommand,
  GetBucketTaggingCommand,
  GetPublicAccessBlockCommand,
  PutBucketCorsCommand,
  PutBucketEncryptionCommand,
  PutBucketLifecycleConfigurationCommand,
  PutBucketPolicyCommand,
  PutBucketTaggingCommand,
  PutPublicAccessBlockCommand,
} from '@aws-sdk/client-s3';
import type { LifecycleRule, S3Client } from '@aws-sdk/client-s3';
import { expect } from 'vitest';
import { contract, failure } from './rig.ts';

const putLifecycle = (client: S3Client, Bucket: string, ...Rules: LifecycleRule[]): Promise<unknown> =>
  client.send(new PutBucketLifecycleConfigurationCommand({ Bucket, LifecycleConfiguration: { Rules } }));

const RULE: LifecycleRule = {
  ID: 'tidy',
  Status: 'Enabled',
  Filter: { Prefix: 'uploads/' },
  NoncurrentVersionExpiration: { NoncurrentDays: 90 },
};

contract('settings of a bucket', (rule) => {
  rule('a lifecycle is kept, returned and deleted', async ({ client, versionedBucket }) => {
    const Bucket = await versionedBucket();
    const get = () => client.send(new GetBucketLifecycleConfigurationCommand({ Bucket }));
    expect(await failure(get())).toMatchObject({ code: 'NoSuchLifecycleConfiguration', status: 404 });
    await putLifecycle(client, Bucket, RULE);
    expect((await get()).Rules).toEqual([RULE]);
    await client.send(new DeleteBucketLifecycleCommand({ Bucket }));
    expect(await failure(get())).toMatchObject({ code: 'NoSuchLifecycleConfiguration' });
  });

  rule('the smallest size to be moved is the default, unless it is said with the rules', async (target) => {
    const { client } = target;
    const Bucket = await target.versionedBucket();
    const put = (TransitionDefaultMinimumObjectSize?: 'varies_by_storage_class') =>
      client.send(
        new PutBucketLifecycleConfigurationCommand({
          Bucket,
          LifecycleConfiguration: { Rules: [RULE] },
          TransitionDefaultMinimumObjectSize,
        }),
      );
    const smallest = async () =>
      (await client.send(new GetBucketLifecycleConfigurationCommand({ Bucket })))
        .TransitionDefaultMinimumObjectSize;
    await put('varies_by_storage_class');
    expect(await smallest()).toBe('varies_by_storage_class');
    await put();
    expect(await smallest()).toBe('all_storage_classes_128K');
  });

  rule('a lifecycle rule without filter and prefix is MalformedXML', async ({ client, bucket }) => {
    const refused = putLifecycle(client, await bucket(), { ...RULE, Filter: undefined });
    expect(await failure(refused)).toMatchObject({ code: 'MalformedXML', status: 400 });
  });

  rule('a lifecycle rule does something', async ({ client, bucket }) => {
    const refused = putLifecycle(client, await bucket(), {
      ID: 'idle',
      Status: 'Enabled',
      Filter: { Prefix: '' },
    });
    expect(await failure(refused)).toMatchObject({ code: 'InvalidRequest', status: 400 });
  });

  rule('two lifecycle rules have two ids', async ({ client, bucket }) => {
    const refused = putLifecycle(client, await bucket(), RULE, { ...RULE, Filter: { Prefix: 'other/' } });
    expect(await failure(refused)).toMatchObject({ code: 'InvalidArgument', status: 400 });
  });

  rule('a lifecycle does not expire objects after no days', async ({ client, bucket }) => {
    const refused = putLifecycle(client, await bucket(), { ...RULE, Expiration: { Days: 0 } });
    expect(await failure(refused)).toMatchObject({ code: 'InvalidArgument', status: 400 });
  });

  rule('infrequent access takes objects of thirty days and more', async ({ client, bucket }) => {
    const refused = putLifecycle(client, await bucket(), {
      ...RULE,
      Transitions: [{ Days: 10, StorageClass: 'STANDARD_IA' }],
    });
    expect(await failure(refused)).toMatchObject({ code: 'InvalidArgument', status: 400 });
  });

  rule('a rule may delete markers that nothing is left of', async ({ client, bucket }) => {
    const Bucket = await bucket();
    const tidy: LifecycleRule = {
      ID: 'markers',
      Status: 'Enabled',
      Filter: { Prefix: '' },
      Expiration: { ExpiredObjectDeleteMarker: true },
    };
    await putLifecycle(client, Bucket, tidy);
    const { Rules } = await client.send(new GetBucketLifecycleConfigurationCommand({ Bucket }));
    expect(Rules).toMatchObject([tidy]);
  });

  rule('CORS rules are kept, returned and deleted', async ({ client, bucket }) => {
    const Bucket = await bucket();
    const get = () => client.send(new GetBucketCorsCommand({ Bucket }));
    expect(await failure(get())).toMatchObject({ code: 'NoSuchCORSConfiguration', status: 404 });
    const CORSRules = [
      {
        AllowedMethods: ['GET', 'PUT'],
        AllowedOrigins: ['https://peakops.test'],
        AllowedHeaders: ['*'],
        MaxAgeSeconds: 60,
      },
    ];
    await client.send(new PutBucketCorsCommand({ Bucket, CORSConfiguration: { CORSRules } }));
    expect((await get()).CORSRules).toMatchObject([
      { AllowedOrigins: ['https://peakops.test'], AllowedHeaders: ['*'], MaxAgeSeconds: 60 },
    ]);
    await client.send(new DeleteBucketCorsCommand({ Bucket }));
    expect(await failure(get())).toMatchObject({ code: 'NoSuchCORSConfiguration' });
  });

  rule('a policy is kept, returned and deleted', async ({ client, bucket }) => {
    const Bucket = await bucket();
    const get = () => client.send(new GetBucketPolicyCommand({ Bucket }));
    expect(await failure(get())).toMatchObject({ code: 'NoSuchBucketPolicy', status: 404 });
    const policy = {
      Version: '2012-10-17',
      Statement: [
        {
          Sid: 'Tls',
          Effect: 'Deny',
          Principal: '*',
          Action: 's3:DeleteBucket',
          Resource: `arn:aws:s3:::${Bucket}`,
        },
      ],
    };
    await client.send(new PutBucketPolicyCommand({ Bucket, Policy: JSON.stringify(policy) }));
    expect(JSON.parse((await get()).Policy!)).toEqual(policy);
    await client.send(new DeleteBucketPolicyCommand({ Bucket }));
    expect(await failure(get())).toMatchObject({ code: 'NoSuchBucketPolicy' });
  });

  rule('a policy that is no JSON is MalformedPolicy', async ({ client, bucket }) => {
    const refused = client.send(new PutBucketPolicyCommand({ Bucket: await bucket(), Policy: 'no' }));
    expect(await failure(refused)).toMatchObject({ code: 'MalformedPolicy', status: 400 });
  });

  rule('tags of a bucket are kept, returned and deleted', async ({ client, bucket }) => {
    const Bucket = await bucket();
    const get = () => client.send(new GetBucketTaggingCommand({ Bucket }));
    expect(await failure(get())).toMatchObject({ status: 404 });
    const TagSet = [{ Key: 'team', Value: 'ops' }];
    await client.send(new PutBucketTaggingCommand({ Bucket, Tagging: { TagSet } }));
    expect((await get()).TagSet).toEqual(TagSet);
    await client.send(new DeleteBucketTaggingCommand({ Bucket }));
    expect(await failure(get())).toMatchObject({ code: 'NoSuchTagSet', status: 404 });
  });

  rule('the block of public access is set', async ({ client, bucket }) => {
    const Bucket = await bucket();
    const get = () => client.send(new GetPublicAccessBlockCommand({ Bucket }));
    const PublicAccessBlockConfiguration = {
      BlockPublicAcls: true,
      IgnorePublicAcls: true,
      BlockPublicPolicy: false,
      RestrictPublicBuckets: false,
    };
    await client.send(new PutPublicAccessBlockCommand({ Bucket, PublicAccessBlockConfiguration }));
    expect((await get()).PublicAccessBlockConfiguration).toEqual(PublicAccessBlockConfiguration);
  });

  rule('the block of public access is lifted', async ({ client, bucket }) => {
    const Bucket = await bucket();
    await client.send(new DeletePublicAccessBlockCommand({ Bucket }));
    const get = client.send(new GetPublicAccessBlockCommand({ Bucket }));
    expect(await failure(get)).toMatchObject({ code: 'NoSuchPublicAccessBlockConfiguration', status: 404 });
  });

  rule('public access is blocked in a new bucket', async ({ client, bucket }) => {
    const { PublicAccessBlockConfiguration } = await client.send(
      new GetPublicAccessBlockCommand({ Bucket: await bucket() }),
    );
    expect(PublicAccessBlockConfiguration).toMatchObject({
      BlockPublicAcls: true,
      RestrictPublicBuckets: true,
    });
  });

  rule('a new bucket is encrypted with keys of S3', async ({ client, bucket }) => {
    const { ServerSideEncryptionConfiguration } = await client.send(
      new GetBucketEncryptionCommand({ Bucket: await bucket() }),
    );
    expect(ServerSideEncryptionConfiguration!.Rules).toMatchObject([
      { ApplyServerSideEncryptionByDefault: { SSEAlgorithm: 'AES256' } },
    ]);
  });

  rule('encryption is set', async ({ client, bucket }) => {
    const Bucket = await bucket();
    const Rules = [
      { ApplyServerSideEncryptionByDefault: { SSEAlgorithm: 'AES256' as const }, BucketKeyEnabled: true },
    ];
    await client.send(
      new PutBucketEncryptionCommand({ Bucket, ServerSideEncryptionConfiguration: { Rules } }),
    );
    const { ServerSideEncryptionConfiguration } = await client.send(
      new GetBucketEncryptionCommand({ Bucket }),
    );
    expect(ServerSideEncryptionConfiguration!.Rules).toEqual(Rules);
  });

  rule('a bucket without replication says so', async ({ client, bucket }) => {
    const get = client.send(new GetBucketReplicationCommand({ Bucket: await bucket() }));
    expect(await failure(get)).toMatchObject({ code: 'ReplicationConfigurationNotFoundError', status: 404 });
  });
});
