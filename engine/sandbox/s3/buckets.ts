import { canonicalId } from './accounts.ts';
import { Bucket } from './bucket.ts';
import type { Call, Reply } from './call.ts';
import { checkToken } from './conditions.ts';
import { S3Error, invalidArgument } from './errors.ts';
import { NEW_BUCKET } from './settings.ts';
import type { State } from './state.ts';
import { document, element, optional, parse, childText } from './xml.ts';

const NAME = /^(?!xn--|sthree-)(?!.*\.\.)(?!\d+\.\d+\.\d+\.\d+$)[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/;
/** Buckets of this region are the only ones that a request without a region makes, and that may be made twice. */
const FIRST_REGION = 'us-east-1';

/** Versions can be locked, and none is unless it says so itself. */
const LOCKABLE = document('ObjectLockConfiguration', [element('ObjectLockEnabled', 'Enabled')]);

/** A bucket as it comes from S3: nothing public, ACLs off, not versioned. */
export function makeBucket(state: State, name: string, region: string, owner: string): Bucket {
  const bucket = new Bucket(name, region, owner);
  for (const [setting, value] of Object.entries(NEW_BUCKET)) bucket.settings.set(setting, value);
  state.buckets.set(name, bucket);
  return bucket;
}

export async function createBucket({
  state,
  caller,
  request,
  payload,
}: Omit<Call, 'bucket'>): Promise<Reply> {
  const name = request.bucket ?? '';
  if (!NAME.test(name)) throw new S3Error('InvalidBucketName', { details: { BucketName: name } });
  const region = placeFor(caller.region, await payload.text());
  const existing = state.buckets.get(name);
  if (existing === undefined) {
    const bucket = makeBucket(state, name, region, caller.account.id);
    if (request.headers['x-amz-bucket-object-lock-enabled'] === 'true') {
      bucket.versioning = 'Enabled';
      bucket.settings.set('object-lock', LOCKABLE);
    }
  } else if (existing.owner !== caller.account.id)
    throw new S3Error('BucketAlreadyExists', { details: { BucketName: name } });
  else if (existing.region !== FIRST_REGION || region !== FIRST_REGION) {
    throw new S3Error('BucketAlreadyOwnedByYou', { details: { BucketName: name } });
  }
  return { status: 200, headers: { location: `/${name}` } };
}

/** The region of the new bucket, from what the request says and the endpoint that it went to. */
function placeFor(endpoint: string, body: string): string {
  const constraint =
    body === '' ? undefined : childText(parse(body, 'CreateBucketConfiguration'), 'LocationConstraint');
  if (constraint === FIRST_REGION) {
    throw new S3Error('InvalidLocationConstraint', { details: { LocationConstraint: constraint } });
  }
  if (endpoint === FIRST_REGION) return constraint ?? FIRST_REGION;
  if (constraint === endpoint) return endpoint;
  throw new S3Error('IllegalLocationConstraintException', {
    message: `The ${constraint ?? 'unspecified'} location constraint is incompatible for the region specific endpoint this request was sent to.`,
  });
}

export function listBuckets({ state, caller }: Pick<Call, 'state' | 'caller'>): Reply {
  const own = [...state.buckets.values()]
    .filter(({ owner }) => owner === caller.account.id)
    .sort((left, right) => (left.name < right.name ? -1 : 1));
  return {
    status: 200,
    body: document('ListAllMyBucketsResult', [
      element('Owner', [element('ID', canonicalId(caller.account.id))]),
      element(
        'Buckets',
        own.map(({ name, createdAt, region }) =>
          element('Bucket', [
            element('Name', name),
            element('CreationDate', createdAt),
            element('BucketRegion', region),
          ]),
        ),
      ),
    ]),
  };
}

export const headBucket = ({ bucket }: Call): Reply => ({
  status: 200,
  headers: { 'x-amz-bucket-region': bucket.region },
});

/** Empty for the first region, for reasons of age. */
export const getLocation = ({ bucket }: Call): Reply => ({
  status: 200,
  body: document('LocationConstraint', bucket.region === FIRST_REGION ? '' : bucket.region),
});

export async function deleteBucket({ state, bucket }: Call): Promise<Reply> {
  if (!bucket.isEmpty) {
    throw new S3Error('BucketNotEmpty', {
      message:
        bucket.versioning === 'Unversioned'
          ? 'The bucket you tried to delete is not empty'
          : 'The bucket you tried to delete is not empty. You must delete all versions in the bucket.',
      details: { BucketName: bucket.name },
    });
  }
  state.buckets.delete(bucket.name);
  const parts = [...bucket.uploads.values()].flatMap((upload) => [...upload.parts.values()]);
  await Promise.all(parts.map(({ blob }) => state.blobs.remove(blob)));
  return { status: 204 };
}

export const getVersioning = ({ bucket }: Call): Reply => ({
  status: 200,
  body: document('VersioningConfiguration', [
    optional('Status', bucket.versioning === 'Unversioned' ? undefined : bucket.versioning),
    optional('MfaDelete', bucket.mfaDelete ? 'Enabled' : undefined),
  ]),
});

export async function putVersioning({ bucket, payload, request }: Call): Promise<Reply> {
  const configuration = parse(await payload.text(), 'VersioningConfiguration');
  const status = childText(configuration, 'Status');
  if (status !== 'Enabled' && status !== 'Suspended') {
    throw status === undefined
      ? new S3Error('MalformedXML')
      : invalidArgument('The versioning status is not valid', 'Status', status);
  }
  if (status === 'Suspended' && bucket.settings.has('replication')) {
    throw new S3Error('InvalidBucketState', {
      message:
        'A replication configuration is present on this bucket, so you cannot change the versioning state. To change the versioning state, first delete the replication configuration.',
    });
  }
  if (status === 'Suspended' && bucket.settings.has('object-lock')) {
    throw new S3Error('InvalidBucketState', {
      message:
        'An Object Lock configuration is present on this bucket, so the versioning state cannot be changed.',
    });
  }
  const mfaDelete = childText(configuration, 'MfaDelete');
  if (mfaDelete !== undefined || bucket.mfaDelete) checkToken(request);
  if (mfaDelete !== undefined) bucket.mfaDelete = mfaDelete === 'Enabled';
  bucket.versioning = status;
  return { status: 200 };
}

/** The owner may do everything, and nobody else anything: there is no other ACL to be had. */
export const getAcl = ({ bucket }: Call): Reply => ({
  status: 200,
  body: document('AccessControlPolicy', [
    element('Owner', [element('ID', canonicalId(bucket.owner))]),
    element('AccessControlList', [
      element('Grant', [
        element('Grantee', [element('ID', canonicalId(bucket.owner))], {
          'xmlns:xsi': 'http://www.w3.org/2001/XMLSchema-instance',
          'xsi:type': 'CanonicalUser',
        }),
        element('Permission', 'FULL_CONTROL'),
      ]),
    ]),
  ]),
});
