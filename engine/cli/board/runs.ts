import type { Plan, Runs, Standing } from '../../board/ports.ts';
import type { Store } from '../../journal/store.ts';
import { StoreError } from '../../journal/store.ts';
import type { Event } from '../../model/event.ts';
import { personIn } from '../../model/people.ts';
import { earlierDurations, forecastPlan } from '../run/headline.ts';
import { knownPlaybook } from '../run/recorded-playbook.ts';
import { readableRuns } from '../run/summaries.ts';
import { environmentOf } from '../run/world.ts';

/** The runs of a store, as the board wants them. */
export const runsOf = (store: Store): Runs => ({
  list: () => readableRuns(store),
  read: (run) => known(() => store.read(run)),
  follow: (run, from, signal) => store.follow(run, from, signal),
  isWritten: async (run) => (await store.writer(run)) !== undefined,
  plan: (events) => planOf(store, events),
  standing: standingOf,
  say: (run, id, body) => store.inbox(run).put(id, body),
});

/** Undefined where the store has no such run, or it was altered: `report` says more. */
async function known(read: () => Promise<readonly Event[]>): Promise<readonly Event[] | undefined> {
  try {
    return await read();
  } catch (error) {
    if (error instanceof StoreError && error.code !== 'io') return undefined;
    throw error;
  }
}

async function planOf(store: Store, events: readonly Event[]): Promise<Plan> {
  const started = events.find((event) => event.type === 'run.started');
  if (started === undefined) return NOTHING;
  const playbook = await knownPlaybook(started).catch(() => undefined);
  return playbook === undefined
    ? NOTHING
    : { plan: forecastPlan(playbook), history: await earlierDurations(store, started.run) };
}

const NOTHING: Plan = { plan: [], history: new Map() };

/** By the environment that the run itself goes by: that of a sandbox is in its journal once it is there. */
async function standingOf(events: readonly Event[], person: string): Promise<Standing> {
  const sources = events.find((event) => event.type === 'run.started')?.sources ?? [];
  const world = events.findLast((event) => event.type === 'world.started');
  const recorded = world?.environment ?? sources.find(({ role }) => role === 'environment');
  if (recorded === undefined) return 'known';
  const environment = await environmentOf(
    recorded,
    sources.filter(({ role }) => role === 'source'),
  );
  const found = personIn(environment.data, person);
  if (found === undefined) return 'unknown';
  return found === 'anybody' || found.keys.length === 0 ? 'known' : 'signs';
}
