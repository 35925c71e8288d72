import { randomBytes } from 'node:crypto';
import { Instant } from '../../base/instant.ts';
import type { ValueMap } from '../../base/value.ts';
import { messageOf } from '../ground/text.ts';
import type { KeyCredential, RoleCredential } from '../parts/breakable.ts';
import { withConnection } from '../postgres/client.ts';
import { BucketClient } from '../s3/client.ts';
import type { Fault, FaultPart, Injection } from './fault.ts';
import { clock } from './table.ts';

const FAULT = 'credential.revoked';
/** What S3 says to a key that there is not. */
const REFUSED = 'InvalidAccessKeyId';

/** Takes from an application what it is let in with, as a rotation does that forgot it. */
export const credentialRevoked: Fault<FaultPart> = { inject };

async function inject(_: ValueMap, { id, part: { credential }, call }: FaultPart): Promise<Injection> {
  if (credential === undefined) throw new Error(`${FAULT}: nobody logs in to the part ${id}`);
  return 'service' in credential
    ? await revokeKey(id, call(id), credential)
    : await revokePassword(call(id), credential);
}

/** Gives a role a password that nobody knows, and ends its sessions. */
async function revokePassword(called: string, { server, role, url }: RoleCredential): Promise<Injection> {
  return await withConnection(server.url('postgres'), async (client) => {
    const at = await clock(client);
    const password = client.escapeLiteral(randomBytes(24).toString('base64url'));
    await client.query(`alter role ${client.escapeIdentifier(role)} password ${password}`);
    await client.query('select pg_terminate_backend(pid) from pg_stat_activity where usename = $1', [role]);
    const error = await withConnection(url, (own) => own.query('select 1')).then(() => undefined, messageOf);
    if (error === undefined) throw new Error(`${FAULT}: ${role} can still log in to ${called}`);
    return {
      description: `the password of ${role} in ${called} is good no more`,
      output: { at, role, error },
    };
  });
}

/** Deletes the key of an account. */
async function revokeKey(id: string, called: string, { service }: KeyCredential): Promise<Injection> {
  const { id: account, accessKeyId, secretAccessKey } = service.account;
  const at = Instant.fromMillis(Date.now());
  service.revokeKey();
  const place = { endpoint: service.url, region: 'us-east-1', bucket: id, accessKeyId, secretAccessKey };
  const said = await new BucketClient(place).size('drillbook').then(() => undefined, messageOf);
  const error = said?.split(':')[0];
  if (error !== REFUSED) throw new Error(`${FAULT}: the key of ${id} is still good: ${error ?? 'it reads'}`);
  return {
    description: `the key of the account ${account} of ${called} is good no more`,
    output: { at, account, error },
  };
}
