import { randomBytes } from 'node:crypto';
import type { ValueMap } from '../../base/value.ts';
import { messageOf } from '../ground/text.ts';
import { withConnection } from '../postgres/client.ts';
import type { Fault, FaultPart, Injection } from './fault.ts';
import { clock } from './table.ts';

const FAULT = 'credential.revoked';

/** Gives a role a password that nobody knows and ends its sessions, as a rotation does that forgot the application. */
export const credentialRevoked: Fault<FaultPart> = { inject };

async function inject(_: ValueMap, { id, part: { credential } }: FaultPart): Promise<Injection> {
  if (credential === undefined) throw new Error(`${FAULT}: nobody logs in to the part ${id}`);
  const { server, role, url } = credential;
  return await withConnection(server.url('postgres'), async (client) => {
    const at = await clock(client);
    const password = client.escapeLiteral(randomBytes(24).toString('base64url'));
    await client.query(`alter role ${client.escapeIdentifier(role)} password ${password}`);
    await client.query('select pg_terminate_backend(pid) from pg_stat_activity where usename = $1', [role]);
    const error = await withConnection(url, (own) => own.query('select 1')).then(() => undefined, messageOf);
    if (error === undefined) throw new Error(`${FAULT}: ${role} can still log in to ${id}`);
    return { description: `the password of ${role} in ${id} is good no more`, output: { at, role, error } };
  });
}
