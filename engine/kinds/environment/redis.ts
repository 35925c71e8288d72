import type { ValueMap } from '../../base/value.ts';
import type { Identity } from '../../model/environment.ts';
import { nameOf } from '../context/target.ts';
import type { Access } from '../redis/client/connection.ts';
import { connectRedis, differenceOf, fingerprintOf } from '../redis/client/connection.ts';

/**
 * Asks a Redis server who it is. It has no name of its own that outlives a restart, so it is known by where it is
 * reached and by the number of the database. Throws `StepError` when it cannot be asked.
 */
export async function identifyRedis(target: ValueMap, access: Access): Promise<Identity> {
  const redis = await connectRedis(target, access);
  try {
    const info = await redis.info();
    const { host, database } = redis.address;
    const facts = {
      name: nameOf(target),
      'reached at': `${host}/${String(database)}`,
      version: info.get('redis_version') ?? 'unknown',
      role: info.get('role') === 'slave' ? 'replica' : 'primary',
      keys: String(await redis.ask('DBSIZE')),
    };
    const fingerprint = { host, database: String(database) };
    const reason = differenceOf(target, redis.address);
    if (reason !== undefined) return { verdict: 'mismatch', facts, fingerprint, reason };
    const missing = ['host', 'database'].filter((name) => fingerprintOf(target)[name] === undefined);
    if (missing.length === 0) return { verdict: 'match', facts };
    return {
      verdict: 'absent',
      facts,
      fingerprint,
      reason: `the fingerprint lacks ${missing.join(' and ')}`,
    };
  } finally {
    redis.close();
  }
}
