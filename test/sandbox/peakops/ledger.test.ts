import type { Client } from 'pg';
import { expect, test } from 'vitest';
import { WriteLedger } from '../../../engine/sandbox/peakops/ledger.ts';

test('a row that is acknowledged while the database answers is not lost', async () => {
  const ledger = new WriteLedger('/dev/null', 'select id, at from written');
  ledger.add({ id: '1', at: 10 });
  let answer: (result: { rows: { id: string; at: string }[] }) => void = () => undefined;
  const answered = new Promise<{ rows: { id: string; at: string }[] }>((resolve) => (answer = resolve));
  const database = { query: () => answered } as unknown as Client;
  const loss = ledger.compare(database);
  ledger.add({ id: '2', at: 20 });
  answer({ rows: [{ id: '1', at: '10' }] });
  expect(await loss).toMatchObject({ acknowledged: 1, lost: 0 });
});
