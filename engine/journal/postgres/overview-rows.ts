import { StepError } from '../../model/kind.ts';
import type { Event } from '../../model/event.ts';
import type { Fold, RunOverview } from '../store.ts';
import { StoreError } from '../store.ts';
import type { Link } from './link.ts';
import type { Tables } from './tables.ts';

/**
 * What a fold makes of each run, newest first. What was made of a journal that has not moved since is kept beside it;
 * whoever may only read keeps nothing.
 */
export async function overviewOf<T>(
  { link, t }: { readonly link: Link; readonly t: Tables },
  fold: Fold<T>,
  read: (run: string) => Promise<readonly Event[]>,
): Promise<readonly RunOverview<T>[]> {
  const rows = await link.ask(
    `with runs as (
       select name, seq || ' ' || hash || ' ' || sealed as stamp from ${t.journals} where kind = 'run' and seq > 0
     )
     select runs.name, runs.stamp, kept.made from runs
     left join ${t.overviews} kept on kept.run = runs.name and kept.fold = $1 and kept.stamp = runs.stamp
     order by runs.name desc`,
    [fold.id],
  );
  const all: RunOverview<T>[] = [];
  for (const row of rows) {
    const run = String(row['name']);
    // It was written as JSON by the same fold.
    if (typeof row['made'] === 'string') all.push({ run, made: JSON.parse(row['made']) as T });
    else {
      const made = await madeOf(fold, () => read(run));
      all.push({ run, ...(made !== undefined && { made }) });
      if (made !== undefined) await keep({ link, t }, [fold.id, run, String(row['stamp'])], made);
    }
  }
  return all;
}

async function madeOf<T>({ make }: Fold<T>, read: () => Promise<readonly Event[]>): Promise<T | undefined> {
  try {
    return make(await read());
  } catch (error) {
    if (error instanceof StoreError) return undefined;
    throw error;
  }
}

async function keep(
  { link, t }: { readonly link: Link; readonly t: Tables },
  [fold, run, stamp]: readonly [string, string, string],
  made: unknown,
): Promise<void> {
  try {
    await link.ask(
      `insert into ${t.overviews} (fold, run, stamp, made) values ($1, $2, $3, $4)
       on conflict (run) do update set fold = excluded.fold, stamp = excluded.stamp, made = excluded.made`,
      [fold, run, stamp, JSON.stringify(made)],
    );
  } catch (error) {
    if (!(error instanceof StepError)) throw error;
  }
}
