import { Duration } from '../../../base/duration.ts';
import type { Value, ValueMap } from '../../../base/value.ts';
import { isValueMap } from '../../../base/value.ts';
import type { Environment } from '../../../model/environment.ts';
import type { Handle, SecretResolver } from '../../../model/handle.ts';
import { isHandle } from '../../../model/handle.ts';
import { StepError } from '../../../model/kind.ts';
import type { Credentials } from './sign.ts';

/** Where a bucket is and as whom it is asked, as the environment says. */
export interface BucketAccess {
  readonly bucket: string;
  readonly region: string;
  /** Protocol, host and port; the bucket is part of the host unless `pathStyle`. */
  readonly origin: URL;
  readonly pathStyle: boolean;
  /** Of a service that is not AWS; inside one service it copies by itself. */
  readonly endpoint: string | undefined;
  /** The account that must own the bucket; sent along with every call. */
  readonly owner: string | undefined;
  readonly keys: CredentialHandles;
}

export interface CredentialHandles {
  readonly accessKeyId: Handle;
  readonly secretAccessKey: Handle;
  readonly sessionToken?: Handle;
}

const DEFAULT_REGION = 'us-east-1';

/** The access to a bucket: an entry of `env.buckets`, or a handle of one that a step created. */
export function bucketAccess(target: ValueMap, environment: Environment): BucketAccess {
  const name = textAt(target, 'name');
  if (name === undefined) {
    throw new StepError('the environment does not say which bucket it is', {
      code: 'notConfigured',
      hint: 'Add its "name" to the environment.',
    });
  }
  const print = fingerprintOf(target);
  const owner = print['account'] ?? awsSection(environment)['account'];
  return {
    ...serviceAccess(environment, target, name),
    bucket: name,
    owner: typeof owner === 'string' || typeof owner === 'number' ? String(owner) : undefined,
  };
}

/** The access to the service itself, for a bucket `name` that need not be there; `own` goes before the section `aws`. */
export function serviceAccess(
  environment: Environment,
  own: ValueMap,
  name: string,
): Omit<BucketAccess, 'bucket' | 'owner'> {
  const aws = awsSection(environment);
  const region = textAt(own, 'region') ?? textAt(aws, 'region') ?? DEFAULT_REGION;
  const endpoint = textAt(own, 'endpoint') ?? textAt(aws, 'endpoint');
  const pathStyle = own['pathStyle'] ?? aws['pathStyle'] ?? endpoint !== undefined;
  // A dot in the name would not be covered by the certificate for one label.
  const byPath = pathStyle === true || name.includes('.');
  return {
    region,
    origin: originOf(endpoint, region, byPath ? undefined : name),
    pathStyle: byPath,
    endpoint,
    keys: keysOf(environment, own),
  };
}

function originOf(endpoint: string | undefined, region: string, bucketInHost: string | undefined): URL {
  const text =
    endpoint ?? `https://s3.${region}.${region.startsWith('cn-') ? 'amazonaws.com.cn' : 'amazonaws.com'}`;
  if (!/^https?:\/\//.test(text) || !URL.canParse(text)) {
    throw new StepError(`the endpoint "${text}" is no address`, {
      code: 'notConfigured',
      hint: 'Write it as https://host or http://host:port in the environment.',
    });
  }
  const origin = new URL(text);
  if (bucketInHost !== undefined) origin.hostname = `${bucketInHost}.${origin.hostname}`;
  return origin;
}

function keysOf(environment: Environment, own: ValueMap): CredentialHandles {
  const credentials = own['credentials'] ?? awsSection(environment)['credentials'];
  const keys = isValueMap(credentials) ? credentials : {};
  const { accessKeyId, secretAccessKey, sessionToken } = keys;
  if (isHandle(accessKeyId) && isHandle(secretAccessKey)) {
    return { accessKeyId, secretAccessKey, ...(isHandle(sessionToken) && { sessionToken }) };
  }
  throw new StepError(`the environment ${environment.name} has no credentials for S3`, {
    code: 'notConfigured',
    hint: 'Add "aws: { credentials: { accessKeyId: { env: … }, secretAccessKey: { env: … } } }". What the shell has for the aws command is not used.',
  });
}

export async function revealKeys(
  keys: CredentialHandles,
  { secrets, signal }: { readonly secrets: SecretResolver; readonly signal: AbortSignal },
): Promise<Credentials> {
  const reveal = async (handle: Handle, mayBeShown = false): Promise<string> =>
    (await secrets.reveal(handle, signal, { mayBeShown })).reveal();
  return {
    // An id names a key, as error messages and audit logs do; it opens nothing.
    accessKeyId: await reveal(keys.accessKeyId, true),
    secretAccessKey: await reveal(keys.secretAccessKey),
    ...(keys.sessionToken !== undefined && { sessionToken: await reveal(keys.sessionToken) }),
  };
}

/** What the fingerprint of a bucket says that its own entry contradicts; undefined when nothing. */
export function contradiction(target: ValueMap, access: BucketAccess): string | undefined {
  const print = fingerprintOf(target);
  const name = textAt(print, 'name');
  const region = textAt(print, 'region');
  if (name !== undefined && name !== access.bucket) {
    return `expected the bucket ${name}, but the entry names ${access.bucket}`;
  }
  if (region !== undefined && region !== access.region) {
    return `expected in ${region}, but the entry says ${access.region}`;
  }
  return undefined;
}

export const fingerprintOf = (target: ValueMap): ValueMap =>
  isValueMap(target['fingerprint']) ? target['fingerprint'] : {};

/** How long a retrieval from the archive really takes, where a sandbox shortens it. */
export function realRetrieval(environment: Environment): Duration | undefined {
  const archive = awsSection(environment)['archive'];
  const value = isValueMap(archive) ? archive['realRetrieval'] : undefined;
  return value instanceof Duration ? value : typeof value === 'string' ? Duration.parse(value) : undefined;
}

export function awsSection(environment: Environment): ValueMap {
  const aws = environment.data['aws'];
  return isValueMap(aws) ? aws : {};
}

function textAt(map: ValueMap, key: string): string | undefined {
  const value: Value | undefined = map[key];
  return typeof value === 'string' && value !== '' ? value : undefined;
}
