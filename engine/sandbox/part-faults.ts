import type { ValueMap } from '../base/value.ts';
import type { WorldPlan, WorldValue } from '../model/world.ts';
import type { Injection } from './faults/fault.ts';
import { breakDatabase } from './faults.ts';
import { asText } from './ground/text.ts';
import type { Part } from './parts/part.ts';

interface Broken {
  readonly plan: WorldPlan;
  readonly parts: ReadonlyMap<string, Part>;
  /** The part that the rehearsal names. */
  readonly part: string | undefined;
}

/** The database that a fault breaks when nothing is said. */
const MAIN = 'main';

/**
 * Breaks a part of a world that a file describes. Where no part is named, it is the one that stands in the
 * environment as the database of the fault. Rejects, with nothing broken, what cannot be done.
 */
export async function breakPart(uses: string, args: ValueMap, broken: Broken): Promise<Injection> {
  const { plan, parts } = broken;
  const named = args['database'];
  if (broken.part !== undefined && named !== undefined) {
    throw new Error(`${uses}: say the part or the database, not both`);
  }
  const name = broken.part ?? asText(named) ?? MAIN;
  const id = broken.part ?? databasePart(plan.environment, name);
  if (id === undefined) {
    throw new Error(
      `${uses}: no part of the world ${plan.name} is its database ${name}: say part beside uses`,
    );
  }
  const known = plan.parts.find((part) => part.id === id);
  if (known === undefined) {
    const ids = plan.parts.map((part) => part.id).join(', ');
    throw new Error(`${uses}: the world ${plan.name} has no part ${id}: it has ${ids}`);
  }
  const database = parts.get(id)?.database;
  if (!known.faults.includes(uses) || database === undefined) {
    const faults = known.faults.length === 0 ? 'no fault' : `only ${known.faults.join(', ')}`;
    throw new Error(`${uses}: the part ${id} is a ${known.uses}, which ${faults} can break`);
  }
  return await breakDatabase(uses, { ...args, database: name }, { databases: new Map([[name, database]]) });
}

/** The part that is a database of the environment. */
function databasePart(environment: WorldValue, name: string): string | undefined {
  const databases = memberOf(environment, 'databases');
  const entry = databases === undefined ? undefined : memberOf(databases, name);
  return entry?.type === 'name' && entry.name.length === 2 ? entry.name[1] : undefined;
}

const memberOf = (value: WorldValue, key: string): WorldValue | undefined =>
  value.type === 'map' && Object.hasOwn(value.members, key) ? value.members[key] : undefined;
