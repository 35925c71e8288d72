import { Instant } from '../../../engine/base/instant.ts';
import type { Clock } from '../../../engine/base/clock.ts';
import { PostgresStore } from '../../../engine/journal/postgres/postgres-store.ts';
import { Redactor } from '../../../engine/journal/redact.ts';
import { plainDatabase } from '../../../engine/kinds/postgres/client/plain.ts';
import type { Order, Word } from './words.ts';

/** One life of a writer: opens a run and appends notes until it is killed, or may not any longer. */
const { url, run, life, scratch } = JSON.parse(process.argv[2] ?? '') as Order;

const clock: Clock = {
  now: () => Instant.fromMillis(Date.now()),
  monotonic: () => performance.now(),
  uptime: () => performance.now(),
  sleep: () => Promise.resolve(),
};

const say = (word: Word): void => void process.send?.(word);

void live();

async function live(): Promise<void> {
  const store = new PostgresStore(plainDatabase(url), { clock, redactor: new Redactor(), scratch });
  try {
    const open = await store.open(run);
    say({ type: 'opened', events: open.events.length });
    open.lost.addEventListener('abort', () => say({ type: 'lost', why: String(open.lost.reason) }));
    for (let count = 1; ; count += 1) {
      const text = `${life} ${count}`;
      await open.journal.append({ type: 'note.added', text, by: life });
      say({ type: 'wrote', text });
    }
  } catch (error) {
    say({ type: 'refused', why: error instanceof Error ? error.message : String(error) });
    process.exit(0);
  }
}
