import type { S3, S3ClientConfig } from '@aws-sdk/client-s3';
import type { BucketAccess } from './access.ts';
import type { CredentialContext } from './credential-provider.ts';
import { credentialProvider } from './credential-provider.ts';

/** AWS's own client for one bucket, and what the bulk calls take from its configuration. */
export interface Sdk {
  readonly s3: S3;
  /** Where requests go; the bucket is its path unless it is part of the host. */
  readonly url: URL;
  /** The headers to send, the signature among them, with credentials that are renewed before they expire. */
  sign(request: Unsigned): Promise<Readonly<Record<string, string>>>;
  /** Asks for the credentials anew where the service says that they have expired. */
  renew(): Promise<void>;
}

export interface Unsigned {
  readonly method: string;
  /** As it goes over the wire: encoded. */
  readonly path: string;
  readonly query: Readonly<Record<string, string>>;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | undefined;
}

/**
 * Loads the SDK, which takes a fifth of a second: a step asks for it when it runs. Everything that the SDK would
 * look up in the shell or in `~/.aws/config` by itself is said here: what a step asks comes from the environment file.
 */
export async function openSdk(access: BucketAccess, context: CredentialContext): Promise<Sdk> {
  const { S3 } = await quietly(() => import('@aws-sdk/client-s3'));
  const s3 = await quietly(() => new S3(configOf(access, context)));
  const { config } = s3;
  const endpoint = config.endpointProvider({
    Bucket: access.bucket,
    Region: access.region,
    UseFIPS: access.fips,
    UseDualStack: access.dualStack,
    ForcePathStyle: access.pathStyle,
    ...(access.endpoint !== undefined && { Endpoint: access.endpoint }),
  });
  const signer = await config.signer({
    name: 'sigv4',
    signingName: 's3',
    signingRegion: access.region,
    properties: {},
  });
  const { url } = endpoint;
  return {
    s3,
    url,
    async sign({ method, path, query, headers, body }) {
      const signed = await signer.sign(
        {
          method,
          protocol: url.protocol,
          hostname: url.hostname,
          ...(url.port !== '' && { port: Number(url.port) }),
          path,
          query: { ...query },
          headers: { ...headers },
          body,
        },
        {
          signingRegion: access.region,
          signingService: 's3',
          signingDate: new Date(Date.now() + config.systemClockOffset),
        },
      );
      return signed.headers;
    },
    async renew() {
      await config.credentials({ forceRefresh: true });
    },
  };
}

function configOf(access: BucketAccess, context: CredentialContext): S3ClientConfig {
  return {
    region: access.region,
    credentials: credentialProvider(access, context),
    forcePathStyle: access.pathStyle,
    useFipsEndpoint: access.fips,
    useDualstackEndpoint: access.dualStack,
    ...(access.endpoint !== undefined && { endpoint: access.endpoint }),
    ignoreConfiguredEndpointUrls: true,
    defaultsMode: 'standard',
    retryMode: 'standard',
    // Services other than AWS refuse checksums that they do not know.
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
  };
}

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
