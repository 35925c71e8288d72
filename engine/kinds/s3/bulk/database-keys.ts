import { Instant } from '../../../base/instant.ts';
import type { Value, ValueMap } from '../../../base/value.ts';
import { StepError } from '../../../model/kind.ts';
import { refuseActing } from '../../postgres/client/reading.ts';
import type { Session } from '../../postgres/client/session.ts';

export interface KnownKey {
  readonly key: string;
  /** The second column, where the query has one that is a moment. */
  readonly at: Instant | undefined;
}

const ROWS = 5000;

/**
 * Streams the keys that a query gives, in S3's order, from one state of the database. The order is made by
 * the server (the collation "C" is that of UTF-8's bytes), so memory stays flat on both sides.
 */
export async function* databaseKeys(
  session: Session,
  query: string,
  params: readonly Value[],
): AsyncGenerator<KnownKey, void, void> {
  refuseActing(query);
  const text = query.trim().replace(/;$/, '');
  await session.command('begin isolation level repeatable read read only');
  const sorted = `declare keys no scroll cursor for select known.* from (${text}\n) as known(key) where key is not null order by key collate "C"`;
  try {
    await session.run(sorted, params, { maxRows: 1, writes: false });
  } catch (error) {
    throw error instanceof StepError && error.code === DATATYPE_MISMATCH ? noText(error) : error;
  }
  let before: string | undefined;
  for (;;) {
    const { rows } = await session.run(`fetch ${ROWS} from keys`, [], { maxRows: ROWS, writes: false });
    for (const row of rows) {
      const known = readRow(row);
      if (known.key !== before) yield known;
      before = known.key;
    }
    if (rows.length < ROWS) return;
  }
}

function readRow(row: ValueMap): KnownKey {
  const { key, ...others } = row;
  const [at] = Object.values(others);
  if (typeof key === 'string') return { key, at: at instanceof Instant ? at : undefined };
  throw noText();
}

/** A number has no collation, and cannot be a key. */
const DATATYPE_MISMATCH = '42804';

const noText = (cause?: StepError): StepError =>
  new StepError('the first column of the query is not a text', {
    code: 'usage',
    hint: 'Let the query give the key first, and when it was made second: select key, created_at from videos.',
    cause,
  });
