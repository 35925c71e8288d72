import type { Call, Reply } from './call.ts';
import { checkToken, checkWrite } from './conditions.ts';
import { S3Error } from './errors.ts';
import { checkVersionId } from './lookup.ts';
import { deleteCurrent, deleteVersion } from './state.ts';
import { NULL_VERSION, sequenceOf } from './versions.ts';
import type { Element } from './xml.ts';
import { childrenOf, document, element, optional, parse, childText } from './xml.ts';

const MAX_BATCH = 1000;

/** What a deletion left (a marker) or removed (a version, which may have been a marker). */
interface Deletion {
  readonly marker: boolean;
  /** Of the marker that was put, or of the version that was removed. */
  readonly versionId: string | undefined;
}

export async function deleteObject(call: Call): Promise<Reply> {
  const id = call.request.query.get('versionId');
  if (id !== undefined) checkVersionId(id);
  if (id === undefined)
    checkWrite({ 'if-match': call.request.headers['if-match'] }, call.bucket.current(call.key));
  const { marker, versionId } = await perform(call, call.key, id);
  return {
    status: 204,
    headers: {
      ...(marker && { 'x-amz-delete-marker': 'true' }),
      ...(versionId !== undefined && { 'x-amz-version-id': versionId }),
    },
  };
}

/** DeleteObjects: each key on its own; one that fails does not keep the others from being deleted. */
export async function deleteObjects(call: Call): Promise<Reply> {
  const { headers } = call.request;
  if (headers['content-md5'] === undefined && headers['x-amz-sdk-checksum-algorithm'] === undefined) {
    if (!Object.keys(headers).some((name) => name.startsWith('x-amz-checksum-'))) {
      throw new S3Error('InvalidRequest', {
        message: 'Missing required header for this request: Content-MD5 OR x-amz-checksum-*',
      });
    }
  }
  const request = parse(await call.payload.text(), 'Delete');
  const objects = childrenOf(request, 'Object');
  if (objects.length === 0 || objects.length > MAX_BATCH) throw new S3Error('MalformedXML');
  const quiet = childText(request, 'Quiet') === 'true';
  const results = await Promise.all(objects.map((object) => deleteOne(call, object, quiet)));
  return { status: 200, body: document('DeleteResult', results) };
}

async function deleteOne(call: Call, object: Element, quiet: boolean): Promise<Element | undefined> {
  const key = childText(object, 'Key') ?? '';
  const id = childText(object, 'VersionId');
  if (key === '') throw new S3Error('MalformedXML');
  const named = [element('Key', key), optional('VersionId', id)];
  if (id !== undefined && id !== NULL_VERSION && sequenceOf(id) === undefined) {
    const { code, message } = new S3Error('NoSuchVersion');
    return element('Error', [...named, element('Code', code), element('Message', message)]);
  }
  const { marker, versionId } = await perform(call, key, id);
  if (quiet) return undefined;
  return element('Deleted', [
    ...named,
    marker ? element('DeleteMarker', true) : undefined,
    marker ? optional('DeleteMarkerVersionId', versionId) : undefined,
  ]);
}

/** Deleting what is not there succeeds, as it does in S3. */
async function perform(call: Call, key: string, id: string | undefined): Promise<Deletion> {
  const { state, bucket, request } = call;
  if (id === undefined) {
    const marker = await deleteCurrent(state, bucket, key);
    return { marker: marker !== undefined, versionId: marker?.id };
  }
  if (bucket.mfaDelete) checkToken(request);
  const removed = await deleteVersion(state, bucket, key, id);
  return { marker: removed?.type === 'marker', versionId: id };
}
