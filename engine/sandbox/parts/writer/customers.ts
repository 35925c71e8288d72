import type { JsonObject } from '../../../base/json.ts';
import { isJsonObject } from '../../../base/json.ts';
import { asText } from '../../ground/text.ts';
import type { PartContext, PartLedger } from '../part.ts';
import { findInBucket, UploadWay, uploadsOf } from './bucket.ts';
import type { Place } from './place.ts';
import { databaseOf } from './place.ts';
import { findByRequest, RequestWay } from './request.ts';
import { findBySql, SqlWay } from './sql.ts';
import type { FindWrites, Way } from './write.ts';

/** Those who write: how they do, and how what they wrote is found again. */
export interface Customers {
  readonly of: PartLedger['of'];
  readonly way: Way;
  readonly find: FindWrites;
  /** Where what they write is held, unless only the application knows. */
  readonly place: Place | undefined;
}

/** As the file of a world describes them; its schema sees to it that what belongs together is there. */
export function customersOf(args: JsonObject, context: PartContext): Customers {
  const request = isJsonObject(args['request'])
    ? new RequestWay(
        args['request'],
        isJsonObject(args['acknowledged']) ? args['acknowledged'] : {},
        isJsonObject(args['login']) ? args['login'] : undefined,
      )
    : undefined;
  if (args['bucket'] !== undefined) {
    const uploads = uploadsOf(args, context);
    const way = request ?? new UploadWay(uploads);
    return { of: 'uploads', way, find: findInBucket(uploads), place: uploads.place };
  }
  const { find } = args;
  if (request !== undefined && isJsonObject(find)) {
    return { of: 'rows', way: request, find: findByRequest(find), place: undefined };
  }
  const place = databaseOf(args, context);
  const way = request ?? new SqlWay(place, asText(args['sql']) ?? '');
  return { of: 'rows', way, find: findBySql(place, asText(find) ?? ''), place };
}
