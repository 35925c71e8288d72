import { restoreObject } from './archive.ts';
import * as buckets from './buckets.ts';
import type { Operation } from './call.ts';
import { copy } from './copy.ts';
import { deleteObject, deleteObjects } from './deletion.ts';
import { S3Error } from './errors.ts';
import * as listing from './listing.ts';
import { listParts, listUploads } from './multipart-listing.ts';
import * as multipart from './multipart.ts';
import * as objects from './objects.ts';
import { deletePolicy, getPolicy, putPolicy } from './policy.ts';
import type { S3Request } from './request.ts';
import { SETTING_OPERATIONS } from './settings.ts';
import { TIERING_OPERATIONS } from './tiering.ts';

const refuseAcl: Operation = ({ request }) => {
  const acl = request.headers['x-amz-acl'];
  if (acl === 'private' || acl === 'bucket-owner-full-control') return { status: 200 };
  throw new S3Error('AccessControlListNotSupported');
};

/** By method and subresource, the query parameter that says what of a bucket is meant. */
const BUCKET_OPERATIONS: Readonly<Record<string, Operation>> = {
  HEAD: buckets.headBucket,
  DELETE: buckets.deleteBucket,
  GET: ({ request, ...call }) =>
    request.query.get('list-type') === '2'
      ? listing.listObjects({ request, ...call })
      : listing.listObjectsV1({ request, ...call }),
  'GET versions': listing.listVersions,
  'GET uploads': listUploads,
  'GET location': buckets.getLocation,
  'GET versioning': buckets.getVersioning,
  'PUT versioning': buckets.putVersioning,
  'GET acl': buckets.getAcl,
  'PUT acl': refuseAcl,
  'GET policy': getPolicy,
  'PUT policy': putPolicy,
  'DELETE policy': deletePolicy,
  'POST delete': deleteObjects,
  ...SETTING_OPERATIONS,
  ...TIERING_OPERATIONS,
};

const OBJECT_OPERATIONS: Readonly<Record<string, Operation>> = {
  GET: objects.read,
  HEAD: objects.read,
  PUT: (call) => (call.request.headers['x-amz-copy-source'] === undefined ? objects.put(call) : copy(call)),
  DELETE: deleteObject,
  'GET tagging': objects.readTags,
  'PUT tagging': objects.putTags,
  'DELETE tagging': objects.deleteTags,
  'GET acl': buckets.getAcl,
  'PUT acl': refuseAcl,
  'POST restore': restoreObject,
  'POST uploads': multipart.create,
  'PUT uploadId': (call) =>
    call.request.headers['x-amz-copy-source'] === undefined
      ? multipart.uploadPart(call)
      : multipart.uploadPartCopy(call),
  'POST uploadId': multipart.complete,
  'DELETE uploadId': multipart.abort,
  'GET uploadId': listParts,
};

/** Parameters that name no subresource: without this list, one that is not known would be taken for none. */
const SUBRESOURCES = new Set(
  [...Object.keys(BUCKET_OPERATIONS), ...Object.keys(OBJECT_OPERATIONS)].flatMap((name) =>
    name.split(' ').slice(1),
  ),
);

/** Subresources of S3 that the sandbox does not offer. */
const NOT_OFFERED = [
  'analytics',
  'attributes',
  'inventory',
  'legal-hold',
  'metrics',
  'policyStatus',
  'retention',
  'select',
  'session',
  'torrent',
];

/** What a request asks for. */
export function operationFor({ method, key, query }: S3Request): Operation {
  if (NOT_OFFERED.some((name) => query.has(name))) throw new S3Error('NotImplemented');
  const subresource = [...query.keys()].find((name) => SUBRESOURCES.has(name));
  const name = subresource === undefined ? method : `${method} ${subresource}`;
  const operation = (key === undefined ? BUCKET_OPERATIONS : OBJECT_OPERATIONS)[name];
  if (operation === undefined) throw new S3Error('MethodNotAllowed', { details: { Method: method } });
  return operation;
}
