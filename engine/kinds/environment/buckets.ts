import { dateTime } from '../../base/human.ts';
import type { ValueMap } from '../../base/value.ts';
import type { Environment, Identity } from '../../model/environment.ts';
import type { SecretResolver } from '../../model/handle.ts';
import { bucketAccess, contradiction, fingerprintOf } from '../s3/client/access.ts';
import { callerOf } from '../s3/client/caller.ts';
import { S3Client } from '../s3/client/client.ts';
import type { Refusal } from '../s3/client/errors.ts';

interface Asking {
  readonly environment: Environment;
  readonly secrets: SecretResolver;
  readonly signal: AbortSignal;
  /** A step of this run created it, so there is no fingerprint. */
  readonly isCreated: boolean;
}

/** Somebody waits at a gate: a service that hangs is told as unreachable soon. */
const PATIENCE = { attempts: 2, silenceMs: 10_000 };

/**
 * Asks a bucket who it is: name, region and account of its fingerprint. Throws `StepError` when it
 * cannot be asked: it is gone, the key may not see it, nobody answers.
 */
export async function identifyBucket(target: ValueMap, asking: Asking): Promise<Identity> {
  const access = bucketAccess(target, asking.environment);
  const facts = {
    name: access.bucket,
    region: access.region,
    ...(access.owner !== undefined && { account: access.owner }),
  };
  const difference = contradiction(target, access);
  if (difference !== undefined) return { verdict: 'mismatch', facts, reason: difference };
  const client = new S3Client(access, asking, { patience: PATIENCE });
  try {
    const caller = callerOf(client);
    // Where the bucket cannot be asked, that is what is told.
    caller.catch(() => undefined);
    const head = await client.attempt((s3, http) => s3.headBucket(client.ownBucket, http));
    if ('refusal' in head) return await whyRefused(client, head.refusal, facts);
    const { BucketRegion: region } = head.value;
    if (region !== undefined && region !== access.region) return elsewhere(facts, access.region, region);
    const { arn, until } = await caller;
    const seen = {
      ...facts,
      versioning: await versioningOf(client),
      ...(arn !== undefined && { 'asked as': arn }),
      ...(until !== undefined && { until: dateTime(until.getTime() * 1000) }),
    };
    if (asking.isCreated || fingerprintOf(target)['name'] !== undefined)
      return { verdict: 'match', facts: seen };
    return { verdict: 'absent', facts: seen, reason: 'the fingerprint has no name of a bucket' };
  } finally {
    client.close();
  }
}

/** An answer to HEAD has no words: what is wrong is found out by asking again. */
async function whyRefused(client: S3Client, refusal: Refusal, facts: Identity['facts']): Promise<Identity> {
  const { access } = client;
  const doing = `ask the bucket ${access.bucket}`;
  if (refusal.region !== undefined && refusal.region !== access.region) {
    return elsewhere(facts, access.region, refusal.region);
  }
  const spoken = await client.attempt((s3, http) =>
    s3.listObjectsV2({ ...client.ownBucket, MaxKeys: 1 }, http),
  );
  const reason = 'refusal' in spoken ? spoken.refusal : refusal;
  if (reason.code === 'AccessDenied' && access.owner !== undefined) {
    const anybodys = await client.attempt((s3, http) => s3.headBucket({ Bucket: access.bucket }, http));
    if (!('refusal' in anybodys)) {
      return { verdict: 'mismatch', facts, reason: `it does not belong to the account ${access.owner}` };
    }
  }
  throw client.error(reason, doing);
}

const elsewhere = (facts: Identity['facts'], expected: string, found: string): Identity => ({
  verdict: 'mismatch',
  facts: { ...facts, region: found },
  reason: `expected in ${expected}, found in ${found}`,
});

async function versioningOf(client: S3Client): Promise<string> {
  const answer = await client.attempt((s3, http) => s3.getBucketVersioning(client.ownBucket, http));
  if ('refusal' in answer) return 'not for this key to read';
  return answer.value.Status?.toLowerCase() ?? 'never enabled';
}
