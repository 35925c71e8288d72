import { randomBytes } from 'node:crypto';
import { hostname, userInfo } from 'node:os';
import type { Instant } from '../../base/instant.ts';
import type { Environment } from '../../model/environment.ts';
import { peopleOf } from '../../model/people.ts';
import { nearest } from '../../source/nearest.ts';
import { CommandError, EXIT } from '../exit.ts';

/** Told apart when they are read out, and in the order of their codes. */
const ALPHABET = '23456789abcdefghjkmnpqrstuvwxyz';
const MINUTE_MICROS = 60_000_000;

/**
 * `20261122-1455-k3f9`: can be read over the telephone, and sorts by time, within a minute too: the first two signs of
 * its tail are the part of the minute (in steps of 62 ms), the others are drawn.
 */
export function newRunId(now: Instant): string {
  const [date = '', time = ''] = now.toString().split('T');
  const base = ALPHABET.length;
  const part = Math.floor(((now.epochMicros % MINUTE_MICROS) / MINUTE_MICROS) * base ** 2);
  const tail = [Math.floor(part / base), part % base, ...randomBytes(2)].map((n) => ALPHABET[n % base]);
  return `${date.replaceAll('-', '')}-${time.slice(0, 5).replace(':', '')}-${tail.join('')}`;
}

/**
 * Who performs, as the journal names them: whom the command line names, else `DRILLBOOK_OPERATOR`, else the account
 * of the machine. Where the environment lists people it is one of them, by name or short name, or nobody.
 */
export function operatorIn(environment: Environment | undefined, given: string | undefined): string {
  const name = given ?? process.env['DRILLBOOK_OPERATOR'] ?? currentAccount();
  const people = environment === undefined ? [] : peopleOf(environment.data);
  if (people.length === 0) return name;
  const person = people.find((each) => each.id === name || each.name === name);
  if (person !== undefined) return person.name;
  const near = nearest(
    name,
    people.flatMap((each) => [each.id, each.name]),
  );
  const known = people
    .map((each) => (each.id === each.name ? each.id : `${each.id} (${each.name})`))
    .join(', ');
  throw new CommandError(`the environment "${environment?.name ?? ''}" knows nobody called "${name}"`, {
    exitCode: EXIT.invalid,
    hint: `${near === undefined ? '' : `Did you mean "${near}"? `}It lists ${known}. Say who you are: --operator NAME, or DRILLBOOK_OPERATOR. Nothing was changed.`,
  });
}

function currentAccount(): string {
  try {
    return userInfo().username;
  } catch {
    // An account without a passwd entry, as in some containers.
    return `uid ${process.getuid?.() ?? 'unknown'}`;
  }
}

export const currentHost = (): string => hostname();
