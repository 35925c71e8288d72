import type { S3, S3ClientConfig } from '@aws-sdk/client-s3';
import { StepError } from '../../../model/kind.ts';
import type { BucketAccess } from './access.ts';
import type { CredentialContext } from './credential-provider.ts';
import { credentialProvider } from './credential-provider.ts';

/** What the SDK does not decide by itself: the way to the wire, and how it tries again. */
export type Surroundings = Pick<S3ClientConfig, 'requestHandler' | 'retryStrategy'>;

/**
 * AWS's own client for one bucket. Loads the SDK, which takes a fifth of a second: a step asks for it when it runs.
 * Everything that the SDK would look up in the shell or in `~/.aws/config` by itself is said here: what a step asks
 * comes from the environment file.
 */
export async function openSdk(
  access: BucketAccess,
  context: CredentialContext,
  surroundings: Surroundings = {},
): Promise<S3> {
  const { S3 } = await quietly(() => import('@aws-sdk/client-s3'));
  return quietly(
    () =>
      new S3({
        region: access.region,
        credentials: credentialProvider(access, context),
        forcePathStyle: access.pathStyle,
        useFipsEndpoint: access.fips,
        useDualstackEndpoint: access.dualStack,
        ...(access.endpoint !== undefined && { endpoint: access.endpoint }),
        ignoreConfiguredEndpointUrls: true,
        // Data has places where it must not go: a bucket that is elsewhere is refused.
        followRegionRedirects: false,
        // Moments of a recovery are told by this clock: one that is wrong is refused and not made up for.
        disableClockSkewCorrection: true,
        defaultsMode: 'standard',
        // Services other than AWS refuse checksums that they do not know.
        requestChecksumCalculation: 'WHEN_REQUIRED',
        responseChecksumValidation: 'WHEN_REQUIRED',
        ...surroundings,
      }),
  );
}

/** A bucket of another environment is only read: whatever else is asked of it never leaves. Throws `StepError` then. */
export function refuseWrites(s3: S3, bucket: string): void {
  s3.middlewareStack.add(
    (next, { commandName = '' }) =>
      (args) => {
        if (/^(Get|Head|List)/.test(commandName)) return next(args);
        throw new StepError(
          `${bucket} is of another environment, which is only read: ${commandName} is refused`,
          {
            code: 'interlock',
            hint: 'What is written to stands in the environment itself.',
          },
        );
      },
    { step: 'initialize', name: 'refuseWrites' },
  );
}

/** Where the SDK asks for the bucket: its path is that of the bucket unless the host is. */
export const endpointOf = (s3: S3, access: BucketAccess): URL =>
  s3.config.endpointProvider({
    Bucket: access.bucket,
    Region: access.region,
    UseFIPS: access.fips,
    UseDualStack: access.dualStack,
    ForcePathStyle: access.pathStyle,
    ...(access.endpoint !== undefined && { Endpoint: access.endpoint }),
  }).url;

/** The SDK tells everybody on Node.js 20 to leave it, once in a process, in the middle of the screen. */
export async function quietly<T>(work: () => T | Promise<T>): Promise<T> {
  const before = process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED;
  process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = 'true';
  try {
    return await work();
  } finally {
    if (before === undefined) delete process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED;
    else process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = before;
  }
}
