import { randomBytes } from 'node:crypto';
import { hostname, userInfo } from 'node:os';
import type { Instant } from '../../base/instant.ts';
import type { Environment } from '../../model/environment.ts';
import { peopleOf } from '../../model/people.ts';
import { nearest } from '../../source/nearest.ts';
import { CommandError, EXIT } from '../exit.ts';

/** `20261122-1455-k3f9`: sorts by time, can be read over the telephone, and does not clash within a minute. */
export function newRunId(now: Instant): string {
  const [date = '', time = ''] = now.toString().split('T');
  const alphabet = 'abcdefghjkmnpqrstuvwxyz23456789';
  const tail = Array.from(randomBytes(4), (byte) => alphabet[byte % alphabet.length]).join('');
  return `${date.replaceAll('-', '')}-${time.slice(0, 5).replace(':', '')}-${tail}`;
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
