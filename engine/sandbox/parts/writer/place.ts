import { asText } from '../../ground/text.ts';
import type { JsonObject } from '../../../base/json.ts';
import type { Program } from '../../ground/program.ts';
import type { PartContext } from '../part.ts';

/** Where a writer writes, or looks for what it wrote. Asked anew each time. */
export interface Place {
  /** The address of the database as it is reached now, or the name of the bucket. */
  now(): string;
  /** The same as customers reach it: the program that they come through may have a way of its own. */
  reached(): string;
  /** Why nobody can write now, in words; undefined when they can. */
  closed(): string | undefined;
}

/** What is meant: `name` as people call it, `value` as the variable of a program has it. */
interface Meant {
  readonly name: string;
  readonly value: string;
  /** A variable that would do, as it is written in the world's file. */
  readonly example: string;
}

/**
 * The place itself, or that which the program names through which customers come: a recovery may lead it elsewhere, and
 * a name may lead to another program by then.
 */
export function placeOf(args: JsonObject, { name, value, example }: Meant, { part }: PartContext): Place {
  const through = asText(args['through']);
  if (through === undefined) return { now: () => value, reached: () => value, closed: () => undefined };
  const way = part(through);
  const program = way.leadsTo?.();
  const variable = Object.entries(program?.variables ?? {}).find(([, one]) => one === value)?.[0];
  if (program === undefined || variable === undefined) {
    throw new Error(
      `nobody can come to ${name} through ${through}: none of its variables names ${name}; give it env: { ${example} }`,
    );
  }
  const reached = (): Program | undefined => way.leadsTo?.()?.copy.program;
  const now = (): string => reached()?.env[variable] ?? '';
  return {
    now,
    reached: () => reached()?.told(now()) ?? '',
    closed: () => (reached()?.running === true ? undefined : `${through} does not run`),
  };
}

/** The database that the writer names. */
export function databaseOf(args: JsonObject, context: PartContext): Place {
  const id = asText(args['database']) ?? '';
  const value = asText(context.part(id).members['url']?.value) ?? '';
  const example = `DATABASE_URL: '\${{ parts.${id}.url }}'`;
  return placeOf(args, { name: id, value, example }, context);
}
