import type { SealedTexts } from '../vault.ts';
import type { Link } from './link.ts';
import { guarded } from './link.ts';
import type { Tables } from './tables.ts';

/** The sealed secrets of one run, in a table. */
export const sealedRows = (link: Link, t: Tables, run: string): SealedTexts => ({
  read: (name) =>
    guarded('the sealed copy cannot be read', async () => {
      const [row] = await link.ask(`select sealed from ${t.secrets} where run = $1 and name = $2`, [
        run,
        name,
      ]);
      return row && String(row['sealed']);
    }),
  write: async (name, text) => {
    await guarded('the sealed copy cannot be written', () =>
      link.ask(
        `insert into ${t.secrets} (run, name, sealed) values ($1, $2, $3)
         on conflict (run, name) do update set sealed = excluded.sealed`,
        [run, name, text],
      ),
    );
  },
});
