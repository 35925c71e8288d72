import type { ValueMap } from '../base/value.ts';
import type { WorldPlan } from '../model/world.ts';
import type { Injection } from './faults/fault.ts';
import { breakPart } from './faults.ts';
import { asText } from './ground/text.ts';
import { callPart, partTargets } from './part-targets.ts';
import type { Part } from './parts/part.ts';

interface Broken {
  readonly plan: WorldPlan;
  readonly parts: ReadonlyMap<string, Part>;
  /** The part that the rehearsal names. */
  readonly part: string | undefined;
}

/** The database that a fault breaks when nothing is said. */
const MAIN = 'main';

/** Breaks a part of a world that a file describes. Rejects, with nothing broken, what cannot be done. */
export async function breakPartOf(uses: string, args: ValueMap, broken: Broken): Promise<Injection> {
  const { plan, parts } = broken;
  const id = partToBreak(uses, asText(args['database']), broken);
  const known = plan.parts.find((each) => each.id === id);
  if (known === undefined) {
    const ids = plan.parts.map((each) => each.id).join(', ');
    throw new Error(`${uses}: the world ${plan.name} has no part ${id}: it has ${ids}`);
  }
  const part = parts.get(id);
  const lacking = known.faultsWith[uses];
  if (lacking !== undefined)
    throw new Error(`${uses}: the part ${id} can be broken so when its with has ${lacking}`);
  if (!known.faults.includes(uses) || part === undefined) {
    const faults = known.faults.length === 0 ? 'no fault' : `only ${known.faults.join(', ')}`;
    throw new Error(`${uses}: the part ${id} is a ${known.uses}, which ${faults} can break`);
  }
  // A backup that is under way is of the time before.
  const made = await Promise.all(
    Array.from(parts.values(), async ({ olderBackups }) => ({
      of: olderBackups?.of,
      count: (await olderBackups?.made) ?? 0,
    })),
  );
  const olderBackups = made.reduce((sum, { of, count }) => (of === id ? sum + count : sum), 0);
  const inEnvironment = asText(args['database']) ?? MAIN;
  const name = databasePart(plan, inEnvironment) === id ? inEnvironment : id;
  const call = (each: string): string => callPart(plan, each);
  return await breakPart(uses, args, { id, part, call, name, olderBackups });
}

/**
 * The part that the rehearsal names; otherwise the one that stands in the environment as the database of the fault,
 * the only one that can be broken so, or of several the one that is the database `main`.
 */
function partToBreak(uses: string, database: string | undefined, { plan, part }: Broken): string {
  if (part !== undefined && database !== undefined) {
    throw new Error(`${uses}: say the part or the database, not both`);
  }
  if (part !== undefined) return part;
  const able = plan.parts.filter(({ faults }) => faults.includes(uses)).map(({ id }) => id);
  const named = databasePart(plan, database ?? MAIN);
  if (database !== undefined) {
    if (named !== undefined) return named;
    throw new Error(
      `${uses}: no part of the world ${plan.name} is its database ${database}: say part beside uses`,
    );
  }
  if (named !== undefined && able.includes(named)) return named;
  const [only, ...more] = able;
  if (only !== undefined && more.length === 0) return only;
  const hint =
    only === undefined ? 'none of its parts can be broken so' : `say part beside uses: ${able.join(' or ')}`;
  throw new Error(`${uses}: which part of the world ${plan.name}? ${hint}`);
}

const databasePart = (plan: WorldPlan, name: string): string | undefined =>
  partTargets(plan).get(`databases.${name}`);
