import { randomBytes } from 'node:crypto';
import { hostname, userInfo } from 'node:os';
import type { Instant } from '../../base/instant.ts';

/** `20261122-1455-k3f9`: sorts by time, can be read over the telephone, and does not clash within a minute. */
export function newRunId(now: Instant): string {
  const [date = '', time = ''] = now.toString().split('T');
  const alphabet = 'abcdefghjkmnpqrstuvwxyz23456789';
  const tail = Array.from(randomBytes(4), (byte) => alphabet[byte % alphabet.length]).join('');
  return `${date.replaceAll('-', '')}-${time.slice(0, 5).replace(':', '')}-${tail}`;
}

/** Who is at the keyboard, as the journal names them. */
export function currentOperator(): string {
  try {
    return userInfo().username;
  } catch {
    // An account without a passwd entry, as in some containers.
    return `uid ${process.getuid?.() ?? 'unknown'}`;
  }
}

export const currentHost = (): string => hostname();
