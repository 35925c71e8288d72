import type { Call, Operation } from './call.ts';
import { S3Error } from './errors.ts';
import type { Element } from './xml.ts';
import { childOf, childrenOf, childText, document, element, parse } from './xml.ts';

const SETTING = 'intelligent-tiering';
const ROOT = 'IntelligentTieringConfiguration';
/** Objects are that old at least before they go to a tier. */
const MIN_DAYS: Readonly<Record<string, number>> = { ARCHIVE_ACCESS: 90, DEEP_ARCHIVE_ACCESS: 180 };

/** Configurations of Intelligent-Tiering, each under an id of its own. They are kept, and not carried out. */
export const TIERING_OPERATIONS: Readonly<Record<string, Operation>> = {
  [`GET ${SETTING}`]: ({ bucket, request }) => {
    const id = request.query.get('id');
    if (id !== undefined) return { status: 200, body: document(ROOT, named(bucket, id).children) };
    const root = 'ListBucketIntelligentTieringConfigurationsOutput';
    return { status: 200, body: document(root, [element('IsTruncated', false), ...all(bucket)]) };
  },
  [`PUT ${SETTING}`]: async ({ bucket, request, payload }) => {
    const configuration = check(parse(await payload.text(), ROOT), request.query.get('id'));
    const others = all(bucket).filter((other) => idOf(other) !== idOf(configuration));
    bucket.settings.set(SETTING, document(SETTING, [...others, configuration]));
    return { status: 200 };
  },
  [`DELETE ${SETTING}`]: ({ bucket, request }) => {
    const removed = named(bucket, request.query.get('id'));
    const others = all(bucket).filter((other) => other !== removed);
    if (others.length > 0) bucket.settings.set(SETTING, document(SETTING, others));
    else bucket.settings.delete(SETTING);
    return { status: 204 };
  },
};

const all = (bucket: Call['bucket']): readonly Element[] => bucket.settings.get(SETTING)?.children ?? [];
const idOf = (configuration: Element): string => childText(configuration, 'Id') ?? '';

function named(bucket: Call['bucket'], id: string | undefined): Element {
  const found = all(bucket).find((configuration) => idOf(configuration) === id);
  if (found === undefined) throw new S3Error('NoSuchConfiguration');
  return found;
}

function check(configuration: Element, id: string | undefined): Element {
  const tierings = childrenOf(configuration, 'Tiering');
  const isWhole = childText(configuration, 'Status') !== undefined && tierings.length > 0;
  if (!isWhole || idOf(configuration) !== id) throw new S3Error('MalformedXML');
  for (const tiering of tierings) {
    const least = MIN_DAYS[childText(tiering, 'AccessTier') ?? ''];
    if (least === undefined || childOf(tiering, 'Days') === undefined) throw new S3Error('MalformedXML');
    if (Number(childText(tiering, 'Days')) < least) throw new S3Error('InvalidArgument');
  }
  return { ...configuration, attributes: {} };
}
