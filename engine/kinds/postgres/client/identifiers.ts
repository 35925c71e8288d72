import type { Value, ValueMap } from '../../../base/value.ts';
import { isValueList } from '../../../base/value.ts';
import { StepError } from '../../../model/kind.ts';

/**
 * Puts names of tables and columns into the `{name}` places of a statement, each part quoted:
 * `public.users` is the table `users` of the schema `public`. A part that has a dot in it
 * is given in a list of parts. Braces that are not named (JSON, arrays) stay as they are.
 */
export function placeIdentifiers(statement: string, identifiers: ValueMap): string {
  let placed = statement;
  for (const [name, value] of Object.entries(identifiers)) {
    const parts: readonly Value[] = isValueList(value)
      ? value
      : typeof value === 'string'
        ? value.split('.')
        : [];
    if (parts.length === 0 || !parts.every(isName)) {
      throw usage(`the identifier "${name}" is neither a name nor a list of names`);
    }
    const place = `{${name}}`;
    if (!placed.includes(place))
      throw usage(`the statement has no place ${place} for the identifier "${name}"`);
    const quoted = parts.map((part) => quoteIdentifier(part)).join('.');
    placed = placed.replaceAll(place, () => quoted);
  }
  return placed;
}

export function quoteIdentifier(name: string): string {
  if (name.includes('\0')) throw usage('an identifier cannot hold a zero byte');
  return `"${name.replaceAll('"', '""')}"`;
}

export const quoteTable = ({ schema, name }: { readonly schema: string; readonly name: string }): string =>
  `${quoteIdentifier(schema)}.${quoteIdentifier(name)}`;

const isName = (part: unknown): part is string => typeof part === 'string' && part !== '';

const usage = (message: string): StepError => new StepError(message, { code: 'usage' });
