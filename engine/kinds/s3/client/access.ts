import { Duration } from '../../../base/duration.ts';
import type { Value, ValueMap } from '../../../base/value.ts';
import { isValueMap } from '../../../base/value.ts';
import type { Environment } from '../../../model/environment.ts';
import { homeOf, sourceOf } from '../../../model/environment.ts';
import { StepError } from '../../../model/kind.ts';
import type { Credentials } from './credentials.ts';
import { credentialsOf } from './credentials.ts';

/** Where a bucket is and as whom it is asked, as the environment says. */
export interface BucketAccess {
  readonly bucket: string;
  readonly region: string;
  /** The bucket is part of the path and not of the host. */
  readonly pathStyle: boolean;
  /** Of a service that is not AWS; inside one service it copies by itself. */
  readonly endpoint: string | undefined;
  /** The account that must own the bucket; sent along with every call. */
  readonly owner: string | undefined;
  /** Its requests are paid by who asks, and every one of them has to say so. */
  readonly requesterPays: boolean;
  /** Endpoints of AWS with validated cryptography (FIPS 140). */
  readonly fips: boolean;
  /** Endpoints of AWS that answer to IPv6 too. */
  readonly dualStack: boolean;
  /** It is of another environment, which is only read. */
  readonly readOnly: boolean;
  readonly credentials: Credentials;
}

const DEFAULT_REGION = 'us-east-1';

/** The access to a bucket: an entry of `env.buckets`, or a handle of one that a step created. */
export function bucketAccess(target: ValueMap, from: Environment): BucketAccess {
  const environment = homeOf(target, from);
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
    ...serviceAccess(environment, target),
    bucket: name,
    readOnly: sourceOf(target) !== undefined,
    requesterPays: target['requesterPays'] === true,
    owner: typeof owner === 'string' || typeof owner === 'number' ? String(owner) : undefined,
  };
}

/** The service, with what the bucket's own entry says before the section `aws`. */
function serviceAccess(
  environment: Environment,
  own: ValueMap,
): Omit<BucketAccess, 'bucket' | 'owner' | 'requesterPays' | 'readOnly'> {
  const aws = awsSection(environment);
  const endpoint = textAt(own, 'endpoint') ?? textAt(aws, 'endpoint');
  const pathStyle = own['pathStyle'] ?? aws['pathStyle'] ?? endpoint !== undefined;
  if (endpoint !== undefined && (!/^https?:\/\//.test(endpoint) || !URL.canParse(endpoint))) {
    throw new StepError(`the endpoint "${endpoint}" is no address`, {
      code: 'notConfigured',
      hint: 'Write it as https://host or http://host:port in the environment.',
    });
  }
  return {
    region: textAt(own, 'region') ?? textAt(aws, 'region') ?? DEFAULT_REGION,
    endpoint,
    pathStyle: pathStyle === true,
    fips: aws['fips'] === true,
    dualStack: aws['dualStack'] === true,
    credentials: credentialsOf(environment, aws, own),
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

/** How long a retrieval from the archive really takes, and where the environment says so. */
export interface RealRetrieval {
  readonly length: Duration;
  readonly source: string;
}

/**
 * What the environment says of retrievals by this tier, where its service shortens them. Of several storage
 * classes the slowest decides.
 */
export function realRetrieval(
  environment: Environment,
  tier: string,
  storageClasses: readonly string[],
): RealRetrieval | undefined {
  const archive = awsSection(environment)['archive'];
  const model = isValueMap(archive) ? archive['realRetrieval'] : undefined;
  const where = 'aws.archive.realRetrieval';
  if (!isValueMap(model)) {
    const length = durationOf(model);
    return length && { length, source: where };
  }
  const [slowest] = storageClasses
    .flatMap((storageClass): RealRetrieval[] => {
      const tiers = model[storageClass];
      const length = isValueMap(tiers) ? durationOf(tiers[tier]) : undefined;
      return length === undefined ? [] : [{ length, source: `${where}.${storageClass}.${tier}` }];
    })
    .sort((a, b) => b.length.micros - a.length.micros);
  return slowest;
}

const durationOf = (value: Value | undefined): Duration | undefined =>
  value instanceof Duration ? value : typeof value === 'string' ? Duration.parse(value) : undefined;

export function awsSection(environment: Environment): ValueMap {
  const aws = environment.data['aws'];
  return isValueMap(aws) ? aws : {};
}

function textAt(map: ValueMap, key: string): string | undefined {
  const value: Value | undefined = map[key];
  return typeof value === 'string' && value !== '' ? value : undefined;
}
