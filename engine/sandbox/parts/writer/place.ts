import type { JsonObject } from '../../../base/json.ts';
import { asText } from '../../ground/text.ts';
import type { PartContext } from '../part.ts';

/** Where a writer writes. Asked anew for each write. */
export interface Place {
  /** The database as it is reached now. */
  url(): string;
  /** Why nobody can write now, in words; undefined when they can. */
  closed(): string | undefined;
}

/** The database, or that which the program names through which customers come. */
export function placeOf(args: JsonObject, { part }: PartContext): Place {
  const id = asText(args['database']) ?? '';
  const database = asText(part(id).members['url']?.value) ?? '';
  const through = asText(args['through']);
  if (through === undefined) return { url: () => database, closed: () => undefined };
  const program = part(through).keepableProgram;
  const variable = Object.entries(program?.variables ?? {}).find(([, value]) => value === database)?.[0];
  if (program === undefined || variable === undefined) {
    throw new Error(
      `nobody can come to ${id} through ${through}: none of its variables is the address of ${id}; give it env: { DATABASE_URL: '\${{ parts.${id}.url }}' }`,
    );
  }
  return {
    url: () => program.copy.program.env[variable] ?? '',
    closed: () => (program.copy.program.running ? undefined : `${through} does not run`),
  };
}
