import type { Register } from '../register.ts';
import { StoreError } from '../store.ts';
import type { Chains } from './chains.ts';
import type { Link } from './link.ts';
import { guarded } from './link.ts';
import type { Tables } from './tables.ts';

/**
 * Removes a run that was sealed, with all that belongs to it. That it is removed, why, and what its last line was is
 * entered into the register before. Refused for whoever may not remove anything.
 */
export async function removeRun(
  run: string,
  reason: string,
  of: { readonly link: Link; readonly t: Tables; readonly chains: Chains; readonly register: Register },
): Promise<void> {
  const { link, t, chains, register } = of;
  const [row] = await link.ask("select has_table_privilege($1, 'delete') as may", [t.journals]);
  if (row?.['may'] !== true)
    throw new StoreError('io', 'this account may not remove runs', {
      hint: 'Only the owner of the tables may. Nothing was removed.',
    });
  const state = await chains.state('run', run);
  if (state?.sealed !== true)
    throw new StoreError('locked', `run ${run} has not ended, or its end is not certified`, {
      hint: 'Nothing of it was removed. Resume it, or `drillbook abandon` it.',
    });
  await register.remove(run, { seq: state.seq, hash: state.hash }, reason);
  await link.ask(
    `with evidence as (delete from ${t.attachments} where run = $1),
       parts as (delete from ${t.parts} where run = $1),
       secrets as (delete from ${t.secrets} where run = $1),
       leases as (delete from ${t.leases} where name = $2),
       made as (delete from ${t.overviews} where run = $1)
     delete from ${t.journals} where kind = 'run' and name = $1 and sealed and seq = $3`,
    [run, `run/${run}`, state.seq],
  );
}

/** Removes what a run needs as long as it goes on: the secrets that it keeps, and what was said to it. */
export async function forgetRun(run: string, link: Link, t: Tables): Promise<void> {
  await guarded('the sealed copies cannot be removed', () =>
    link.ask(`with said as (delete from ${t.inbox} where run = $1) delete from ${t.secrets} where run = $1`, [
      run,
    ]),
  );
}
