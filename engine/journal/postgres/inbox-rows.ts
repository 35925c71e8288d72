import type { JsonObject } from '../../base/json.ts';
import type { Inbox, Message } from '../../model/message.ts';
import { messageText, parsed } from '../inbox.ts';
import { LOOK_MS } from '../follow.ts';
import type { Link } from './link.ts';
import { guarded } from './link.ts';
import type { Notices } from './notices.ts';
import type { Tables } from './tables.ts';

/** The inbox of a run in a table. Who put a message there is the database's own word: no account can write it. */
export class RowInbox implements Inbox {
  readonly #run: string;
  readonly #link: Link;
  readonly #t: Tables;
  readonly #notices: Notices;

  constructor(run: string, of: { readonly link: Link; readonly t: Tables; readonly notices: Notices }) {
    this.#run = run;
    this.#link = of.link;
    this.#t = of.t;
    this.#notices = of.notices;
  }

  async put(id: string, body: JsonObject): Promise<void> {
    const text = messageText(id, body);
    await guarded('the message cannot be left', () =>
      this.#link.ask(
        `with put as (
           insert into ${this.#t.inbox} (run, id, body) values ($1, $2, $3) on conflict do nothing
         ) select pg_notify($4, $1)`,
        [this.#run, id, text, this.#t.schema],
      ),
    );
  }

  async *messages(signal: AbortSignal): AsyncGenerator<Message> {
    // By id and not by number: of two that are put at once, the later number may be there first.
    const seen = new Set<string>();
    while (!signal.aborted) {
      const changed = this.#notices.next(LOOK_MS, signal);
      const rows = await guarded('the inbox cannot be read', () =>
        this.#link.ask(
          `select id, account, body from ${this.#t.inbox} where run = $1 and not id = any($2::text[]) order by number`,
          [this.#run, [...seen]],
        ),
      );
      for (const row of rows) {
        const id = String(row['id']);
        seen.add(id);
        yield { id, account: String(row['account']), body: parsed(String(row['body'])) };
      }
      await changed;
    }
  }
}
