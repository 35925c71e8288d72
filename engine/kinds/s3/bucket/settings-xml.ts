import type { Json, JsonObject } from '../../../base/json.ts';
import { isJsonArray } from '../../../base/json.ts';
import type { Element } from '../client/xml.ts';
import { escapeXml } from '../client/xml.ts';

/*
 * The settings of buckets: in S3's XML, and in the JSON of the AWS CLI and of its documentation, where
 * repeated elements are a list with a name in the plural. Playbooks are written after the latter.
 */

/** From the name of an element that may be repeated to the name of the list. */
const LISTS: Readonly<Record<string, string>> = {
  Rule: 'Rules',
  Transition: 'Transitions',
  NoncurrentVersionTransition: 'NoncurrentVersionTransitions',
  Tag: 'Tags',
  AllowedHeader: 'AllowedHeaders',
  AllowedMethod: 'AllowedMethods',
  AllowedOrigin: 'AllowedOrigins',
  ExposeHeader: 'ExposeHeaders',
};

const ELEMENTS: Readonly<Record<string, string>> = Object.fromEntries(
  Object.entries(LISTS).map(([element, list]) => [list, element]),
);

const NUMBERS = new Set([
  'Days',
  'DaysAfterInitiation',
  'MaxAgeSeconds',
  'Minutes',
  'NewerNoncurrentVersions',
  'NoncurrentDays',
  'ObjectSizeGreaterThan',
  'ObjectSizeLessThan',
  'Priority',
]);

/** Elements that hold elements, though they may be empty; an empty one of another name is an empty text. */
const CONTAINERS = new Set(['And', 'Filter']);

export function membersToXml(members: JsonObject): string {
  return Object.entries(members)
    .map(([name, value]) => {
      const element = ELEMENTS[name];
      if (element === undefined || !isJsonArray(value)) return elementToXml(name, value);
      return value.map((item) => elementToXml(element, item)).join('');
    })
    .join('');
}

function elementToXml(name: string, value: Json): string {
  const content =
    typeof value === 'object' && value !== null
      ? membersToXml(value as JsonObject)
      : escapeXml(String(value));
  return `<${name}>${content}</${name}>`;
}

export function xmlToMembers(element: Element): JsonObject {
  const members: Record<string, Json> = {};
  for (const child of element.children) {
    const list = LISTS[child.name];
    const value = valueOf(child);
    if (list === undefined) members[child.name] = value;
    else {
      const items = members[list];
      members[list] = [...(items !== undefined && isJsonArray(items) ? items : []), value];
    }
  }
  // One tag stands in a filter by itself; several stand in an And, and only they are a list.
  const { Tags, ...rest } = members;
  const only = element.name === 'Filter' && Tags !== undefined && isJsonArray(Tags) ? Tags[0] : undefined;
  return only === undefined ? members : { ...rest, Tag: only };
}

function valueOf(element: Element): Json {
  if (element.children.length > 0 || CONTAINERS.has(element.name)) return xmlToMembers(element);
  const { name, text } = element;
  if (NUMBERS.has(name) && text !== '') return Number(text);
  return text === 'true' ? true : text === 'false' ? false : text;
}
