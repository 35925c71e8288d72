import { withConnection } from './client.ts';
import type { PostgresServer } from './server.ts';

/** PostgreSQL's own name for a server; a physical copy has that of its original. */
export async function systemIdentifierOf(server: PostgresServer): Promise<string> {
  return await withConnection(server.url('postgres'), async (client) => {
    const { rows } = await client.query<{ id: string }>(
      'select system_identifier::text as id from pg_control_system()',
    );
    return rows[0]?.id ?? '';
  });
}
