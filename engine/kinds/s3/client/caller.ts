import type { S3Client } from './client.ts';
import { stsConfig } from './credential-provider.ts';
import { quietly } from './sdk.ts';

/** As whom a bucket is asked. */
export interface Caller {
  /** Undefined where the service has no STS, or it does not answer. */
  readonly arn: string | undefined;
  /** When the credentials end; undefined for lasting ones. They are renewed before, where their source can. */
  readonly until: Date | undefined;
}

/** Somebody waits at a gate, and the answer is for people to read. */
const PATIENCE_MS = 5000;

/** Asks STS, which tells everybody who they are. Throws `StepError` where there are no credentials. */
export async function callerOf(client: S3Client): Promise<Caller> {
  const { access } = client;
  const s3 = await client.sdk();
  const credentials = await s3.config.credentials();
  const { AwsHandler } = await import('./wire.ts');
  const { STS } = await quietly(() => import('@aws-sdk/client-sts'));
  const sts = await quietly(
    () =>
      new STS({
        ...stsConfig(access),
        credentials,
        useFipsEndpoint: access.fips,
        useDualstackEndpoint: access.dualStack,
        ignoreConfiguredEndpointUrls: true,
        maxAttempts: 1,
        requestHandler: new AwsHandler(PATIENCE_MS),
      }),
  );
  try {
    const arn = await sts.getCallerIdentity({}).then(
      ({ Arn }) => Arn,
      () => undefined,
    );
    return { arn, until: credentials.expiration };
  } finally {
    sts.destroy();
  }
}
