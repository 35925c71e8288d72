import { TARGET_GROUPS } from '../model/environment.ts';
import type { WorldPlan, WorldValue } from '../model/world.ts';

/** The parts of a world as playbooks call them: `databases.main`, and which part that is. */
export function partTargets({ environment, parts }: WorldPlan): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  for (const group of TARGET_GROUPS) {
    const section = memberOf(environment, group);
    // A section as a whole is that of a provider, which was told what its targets are.
    const provider = section?.type === 'name' ? parts.find(({ id }) => id === section.name[1]) : undefined;
    const targets = provider === undefined ? section : memberOf(provider.with, group);
    for (const [name, target] of membersOf(targets)) {
      const part = provider === undefined ? partAt(target) : keptIn(target);
      if (part !== undefined) found.set(`${group}.${name}`, part);
    }
  }
  return found;
}

/** How a reader knows a part: as playbooks call it, or by its id where they do not know it. */
export function callPart(plan: WorldPlan, id: string): string {
  for (const [called, part] of partTargets(plan)) if (part === id) return called;
  return id;
}

/** The part that a provider runs as one of its services, or keeps as one of its databases. */
const keptIn = (target: WorldValue): string | undefined =>
  partAt(memberOf(target, 'postgres')) ?? partAt(memberOf(target, 'process'));

const partAt = (value: WorldValue | undefined): string | undefined =>
  value?.type === 'name' && value.name.length === 2 ? value.name[1] : undefined;

const membersOf = (value: WorldValue | undefined): readonly (readonly [string, WorldValue])[] =>
  value?.type === 'map' ? Object.entries(value.members) : [];

const memberOf = (value: WorldValue | undefined, key: string): WorldValue | undefined =>
  value?.type === 'map' && Object.hasOwn(value.members, key) ? value.members[key] : undefined;
