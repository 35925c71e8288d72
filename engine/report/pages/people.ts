import type { Value, ValueMap } from '../../base/value.ts';
import { isValueList, isValueMap } from '../../base/value.ts';
import type { Environment } from '../../model/environment.ts';
import { isHandle } from '../../model/handle.ts';
import { blocks, line, table } from './markdown.ts';

/** Whom to call, as the environment says it. Empty when it names nobody. */
export function peopleSection({ data }: Environment): string {
  const contacts = isValueMap(data['contacts']) ? data['contacts'] : {};
  const levels = isValueList(data['escalation']) ? data['escalation'].filter(isValueMap) : [];
  const tables = [
    ...(levels.length === 0 ? [] : [escalationTable(levels)]),
    ...(Object.keys(contacts).length === 0 ? [] : [contactsTable(contacts)]),
  ];
  if (tables.length === 0) return '';
  return blocks('## Whom to call', ...tables);
}

const escalationTable = (levels: readonly ValueMap[]): string =>
  table(
    ['Level', 'Who', 'With'],
    levels.map((level) => [
      words(level['level']),
      [words(level['who']), ...rest(level, ['level', 'who', 'with'])].join('; '),
      words(level['with']),
    ]),
  );

const contactsTable = (contacts: ValueMap): string =>
  table(
    ['Contact', 'How'],
    Object.entries(contacts).map(([name, contact]) => [
      isValueMap(contact) && typeof contact['name'] === 'string' ? line(contact['name']) : spaced(name),
      isValueMap(contact) ? rest(contact, ['name']).join('; ') : words(contact),
    ]),
  );

/** The members that have no column, each with its name where the value does not speak for itself. */
const rest = (entry: ValueMap, shown: readonly string[]): readonly string[] =>
  Object.entries(entry)
    .filter(([key, value]) => !shown.includes(key) && isPublic(value))
    .map(([key, value]) =>
      ['email', 'phone'].includes(key) ? words(value) : `${spaced(key)}: ${words(value)}`,
    );

/** What a secret refers to is not for a page. */
const isPublic = (value: Value): boolean => !isHandle(value);

function words(value: Value | undefined): string {
  if (value === undefined || value === null) return '';
  if (isValueList(value)) return value.map(words).join(', ');
  if (isValueMap(value)) return isPublic(value) ? rest(value, []).join('; ') : '';
  return typeof value === 'string' ? line(spaced(value)) : String(value);
}

/** `renderSupport`, the name of an entry, as a person would write it. */
const spaced = (name: string): string =>
  /^[a-z]+([A-Z][a-z]*)+$/.test(name)
    ? name
        .replace(/^./, (first) => first.toUpperCase())
        .replaceAll(/(?<=[a-z])[A-Z]/g, (sign) => ` ${sign.toLowerCase()}`)
    : name;
