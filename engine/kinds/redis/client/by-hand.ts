import type { ValueMap } from '../../../base/value.ts';
import type { Environment } from '../../../model/environment.ts';
import { isHandle } from '../../../model/handle.ts';
import { inShell } from '../../context/in-shell.ts';

/** The address of a Redis database, for a shell and between double quotes: redis-cli wants to hear who it is that has the password. */
export function redisInShell({ url }: ValueMap, environment: Environment): string {
  return `$(sed s#//:#//default:# <<< "${isHandle(url) ? inShell(url, environment) : '$REDIS_URL'}")`;
}
