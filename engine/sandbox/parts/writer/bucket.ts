import { randomBytes } from 'node:crypto';
import type { JsonObject } from '../../../base/json.ts';
import { asText } from '../../ground/text.ts';
import type { BreakableStorage } from '../../s3/breakable.ts';
import { BucketClient, digestOf } from '../../s3/client.ts';
import type { PartContext } from '../part.ts';
import type { Place } from './place.ts';
import { placeOf } from './place.ts';
import type { FindWrites, Way, Write } from './write.ts';
import { nowMicros, withText } from './write.ts';

const FILE_BYTES = 4096;

/** The bucket to which files are uploaded. */
export interface Uploads {
  readonly storage: BreakableStorage;
  readonly place: Place;
  readonly region: string;
  /** What a file is called in it. */
  readonly keyOf: (key: string) => string;
}

/** The bucket that a writer names; throws in words when there is none. */
export function uploadsOf(args: JsonObject, context: PartContext): Uploads {
  const [id, name] = [asText(args['storage']) ?? '', asText(args['bucket']) ?? ''];
  const { storage } = context.part(id);
  const bucket = storage?.bucket(name);
  if (storage === undefined || bucket === undefined) throw new Error(`the part ${id} has no bucket ${name}`);
  const example = `AWS_STORAGE_BUCKET_NAME: ${bucket.name}`;
  const place = placeOf(args, { name: `the bucket ${bucket.name}`, value: bucket.name, example }, context);
  const template = asText(args['key']) ?? '$1';
  return { storage, place, region: bucket.region, keyOf: (key) => withText(template, key) };
}

/** Puts files straight into a bucket. A write counts when S3 has confirmed it. */
export class UploadWay implements Way {
  readonly #uploads: Uploads;

  constructor(uploads: Uploads) {
    this.#uploads = uploads;
  }

  async write(text: string, stopping: AbortSignal): Promise<Write> {
    const { storage, place, region, keyOf } = this.#uploads;
    const { url: endpoint, account } = storage.service;
    const { accessKeyId, secretAccessKey } = account;
    const client = new BucketClient({ endpoint, region, bucket: place.now(), accessKeyId, secretAccessKey });
    const file = randomBytes(FILE_BYTES);
    await client.put(keyOf(text), file, stopping);
    return { key: text, at: nowMicros(), digest: digestOf(file) };
  }
}

/** A file is held when its key leads to its bytes. */
export const findInBucket =
  ({ storage, place, keyOf }: Uploads): FindWrites =>
  (writes) => {
    const bucket = storage.service.buckets.get(place.now());
    const digestAt = (key: string): string | undefined => {
      const version = bucket?.current(keyOf(key));
      return version?.type === 'object' ? version.etag : undefined;
    };
    // An application that stores files may be sent something else than a file.
    const isHeld = ({ key, digest }: Write): boolean => {
      const found = digestAt(key);
      return found !== undefined && (digest === undefined || digest === found);
    };
    return Promise.resolve(new Set(writes.filter(isHeld)));
  };
