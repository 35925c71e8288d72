import type { Json, JsonObject } from '../../base/json.ts';
import { isJsonArray, isJsonObject } from '../../base/json.ts';
import { asText } from '../ground/text.ts';

const DEFAULT_LIMIT = 20;

/** Filters of a list: the parameter, and the member of the document that it is held against. */
const MEMBERS: Readonly<Record<string, string>> = {
  name: 'name',
  type: 'type',
  suspended: 'suspended',
  region: 'region',
  status: 'status',
  ownerId: 'ownerId',
};

const BOUNDS = /^(created|updated|finished)(Before|After)$/;

/** One page of a list: what matches the query's filters, after its cursor, each beside its own cursor. */
export function page(
  documents: readonly JsonObject[],
  wrapper: string,
  query: Readonly<Record<string, Json>>,
  keyOf: (document: JsonObject) => Json | undefined = ({ id }) => id,
): Json {
  const matching = documents.filter((document) =>
    Object.entries(query).every(([name, wanted]) => matches(document, name, wanted)),
  );
  const after = matching.findIndex((document) => keyOf(document) === query['cursor']);
  const limit = typeof query['limit'] === 'number' ? query['limit'] : DEFAULT_LIMIT;
  return matching
    .slice(after + 1, after + 1 + limit)
    .map((document) => ({ [wrapper]: document, cursor: keyOf(document) ?? null }));
}

function matches(document: JsonObject, parameter: string, wanted: Json): boolean {
  const bound = BOUNDS.exec(parameter);
  if (bound !== null) {
    const at = Date.parse(asText(document[`${bound[1] ?? ''}At`]) ?? '');
    const limit = Date.parse(asText(wanted) ?? '');
    return bound[2] === 'Before' ? at < limit : at > limit;
  }
  const member = MEMBERS[parameter];
  if (member === undefined || !isJsonArray(wanted)) return true;
  const found = document[member] ?? (member === 'ownerId' ? ownerOf(document) : undefined);
  return wanted.some((value) => value === found);
}

function ownerOf(document: JsonObject): Json | undefined {
  const owner = document['owner'];
  return isJsonObject(owner) ? owner['id'] : undefined;
}
