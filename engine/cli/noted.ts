import { StoreError } from '../journal/store.ts';
import type { Store } from '../journal/store.ts';
import { notedFindings, openFindings } from '../measure/noted-findings.ts';
import type { NotedFinding } from '../measure/noted-findings.ts';
import { notedText } from '../report/noted.ts';
import { say, sayError } from './terminal.ts';

/** The findings that were noted of the runs of a store; its list is chained as a journal is. */
export const findingsIn = async (store: Store): Promise<readonly NotedFinding[]> =>
  notedFindings(await store.ledger('findings').read());

/**
 * What was found the last times and is still to be seen to, for whoever begins another run of the playbook. A list that
 * cannot be read keeps nobody from a recovery.
 */
export async function tellLastTime(store: Store, playbook: string): Promise<void> {
  try {
    for (const finding of openFindings(await findingsIn(store)))
      if (finding.playbook === playbook) say(`Last time: ${notedText(finding)}`, 2);
  } catch (error) {
    if (!(error instanceof StoreError)) throw error;
    sayError(`What was found the last times cannot be read: ${error.message}`);
  }
}
