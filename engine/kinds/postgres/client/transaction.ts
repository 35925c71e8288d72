import type { StepContext } from '../../../model/kind.ts';
import { StepError } from '../../../model/kind.ts';
import { pause } from '../../context/activity.ts';
import { rowsOf } from './server.ts';
import type { Session } from './session.ts';

/** A server that lost its client in the middle of a transaction has noticed by then. */
const SETTLE_MS = 20_000;
const LOOK_MS = 500;

/**
 * Was a transaction of a former life committed? It is asked for by its number; one that still runs is given time to
 * notice that its client is gone. `hint`: where to look when the server does not know any more.
 */
export async function wasCommitted(
  session: Session,
  id: string,
  context: StepContext,
  hint: string,
): Promise<boolean> {
  for (let waited = 0; waited <= SETTLE_MS; waited += LOOK_MS) {
    const [row] = await rowsOf(session, 'select pg_xact_status($1::text::xid8) as status', [id]);
    const status = row?.['status'];
    if (status === 'aborted') return false;
    if (status === 'committed') return true;
    if (status !== 'in progress') break;
    await pause(context, LOOK_MS);
  }
  throw new StepError(`the server does not tell whether the transaction ${id} was committed`, {
    code: 'unknownOutcome',
    changed: 'maybe',
    hint,
  });
}
