import { S3Error } from './errors.ts';
import type { Element } from './xml.ts';
import { childOf, childrenOf, document, element, parse, childText } from './xml.ts';

const MAX_OBJECT_TAGS = 10;

export type Tags = ReadonlyMap<string, string>;

/** Of the header `x-amz-tagging`: written as a query is. */
export const tagsOfHeader = (header: string | undefined): Tags =>
  checked([...new URLSearchParams(header ?? '')], MAX_OBJECT_TAGS);

/** Of a document `Tagging`. A bucket may have 50, an object 10. */
export function tagsOfDocument(text: string, most = MAX_OBJECT_TAGS): Tags {
  const set = childOf(parse(text, 'Tagging'), 'TagSet');
  if (set === undefined) throw new S3Error('MalformedXML');
  return checked(
    childrenOf(set, 'Tag').map((tag): [string, string] => [
      childText(tag, 'Key') ?? '',
      childText(tag, 'Value') ?? '',
    ]),
    most,
  );
}

export const tagDocument = (tags: Tags): Element =>
  document('Tagging', [
    element(
      'TagSet',
      Array.from(tags, ([key, value]) => element('Tag', [element('Key', key), element('Value', value)])),
    ),
  ]);

function checked(pairs: readonly (readonly [string, string])[], most: number): Tags {
  const tags = new Map(pairs);
  if (tags.size > most) {
    throw new S3Error('InvalidTag', { message: `Object tags cannot be greater than ${String(most)}` });
  }
  if (tags.size < pairs.length) {
    throw new S3Error('InvalidTag', { message: 'Cannot provide multiple Tags with the same key' });
  }
  for (const [key, value] of tags) {
    if (key === '' || key.length > 128 || key.startsWith('aws:')) {
      throw new S3Error('InvalidTag', { message: 'The TagKey you have provided is invalid' });
    }
    if (value.length > 256) {
      throw new S3Error('InvalidTag', { message: 'The TagValue you have provided is invalid' });
    }
  }
  return tags;
}
