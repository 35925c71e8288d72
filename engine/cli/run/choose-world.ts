import type { PartFault } from '../../model/inject.ts';
import type { Rehearsal } from '../../model/playbook.ts';
import { allFaults } from '../../model/walk.ts';
import type { WorldPlan } from '../../model/world.ts';
import { nearest } from '../../source/nearest.ts';
import { CommandError, EXIT } from '../exit.ts';
import { isShipped } from '../folder.ts';
import type { FoundWorld } from '../loading.ts';
import { findWorld, isShippedWorld, shippedDefaultWorld, shippedWorldNames, worldNames } from '../loading.ts';

/** In which world a rehearsal is: the one asked for, else that of the folder which can be broken so, else what drillbook brings. */
export async function chooseWorld(
  rehearsal: Rehearsal,
  { world, playbooks }: { readonly world?: string; readonly playbooks: string },
): Promise<FoundWorld> {
  const chosen =
    world === undefined ? await usualWorld(rehearsal, playbooks) : await namedWorld(world, playbooks);
  for (const fault of partFaults(rehearsal)) expectFault(chosen.plan, fault, rehearsal.name);
  return chosen;
}

async function usualWorld(rehearsal: Rehearsal, folder: string): Promise<FoundWorld> {
  // Those that drillbook brings are asked for by name: which of them is meant no rehearsal says.
  const own = isShipped(folder) ? [] : worldNames(folder);
  const worlds = await Promise.all(own.map((name) => findWorld(name, folder)));
  const fitting = worlds.flatMap((each) =>
    each !== undefined && canBreak(each.plan, rehearsal) ? [each] : [],
  );
  if (fitting.length === 0) {
    expectNoPart(rehearsal, own);
    return await shippedDefaultWorld();
  }
  const [meant, ...others] = fitting.length === 1 ? fitting : fitting.filter(({ plan }) => plan.isDefault);
  if (meant !== undefined && others.length === 0) return meant;
  const names = fitting.map(({ plan }) => plan.name);
  throw new CommandError(`the rehearsal ${rehearsal.name} can be in several worlds: ${names.join(', ')}`, {
    exitCode: EXIT.invalid,
    hint: `Nothing was started. Say which: --world ${names[0] ?? ''}; or write default: true into one of their files.`,
  });
}

const canBreak = ({ parts }: WorldPlan, rehearsal: Rehearsal): boolean =>
  partFaults(rehearsal).every(({ uses, part }) =>
    parts.some(({ id, faults }) => faults.includes(uses) && (part === undefined || part === id)),
  );

/** What steps break is no part of a world. */
const partFaults = (rehearsal: Rehearsal): readonly PartFault[] =>
  allFaults(rehearsal).filter((fault) => fault.type === 'part');

/** Whoever names a part means a world of his own, whatever the one that drillbook brings calls its parts. */
function expectNoPart(rehearsal: Rehearsal, own: readonly string[]): void {
  const fault = partFaults(rehearsal).find(({ part }) => part !== undefined);
  if (fault === undefined) return;
  throw new CommandError(`${breaking(fault, rehearsal.name)}, and no world of the folder has it`, {
    exitCode: EXIT.invalid,
    hint: `Name the world that has it: --world ${own.join(', --world ') || 'NAME'}`,
  });
}

const breaking = ({ uses, part }: PartFault, rehearsal: string): string =>
  `the rehearsal ${rehearsal} breaks ${part === undefined ? 'a part' : `the part ${part}`} by ${uses}`;

async function namedWorld(world: string, playbooks: string): Promise<FoundWorld> {
  const found = await findWorld(world, playbooks);
  if (found === undefined) {
    const known = [...new Set([...worldNames(playbooks), ...shippedWorldNames()])];
    throw new CommandError(`there is no world "${world}"`, {
      exitCode: EXIT.invalid,
      hint: `Did you mean "${nearest(world, known) ?? known.join('" or "')}"?`,
    });
  }
  const { name } = found.plan;
  if (!shippedWorldNames().includes(name) || isShippedWorld(found.file)) return found;
  throw new CommandError(
    `there are two worlds "${name}": ${found.file.path}, and one that drillbook brings`,
    {
      exitCode: EXIT.invalid,
      hint: 'Give yours another name.',
    },
  );
}

/** Whether the world can be broken as the rehearsal says: whoever mistypes a part hears of it before anything starts. */
function expectFault(plan: WorldPlan, fault: PartFault, rehearsal: string): void {
  const { uses, part } = fault;
  const { name, parts } = plan;
  const offering = parts.filter(({ faults }) => faults.includes(uses)).map(({ id }) => id);
  if (part === undefined ? offering.length > 0 : offering.includes(part)) return;
  const known = [...new Set(parts.flatMap(({ faults }) => faults))].join(', ');
  const [couldBe] = parts.filter(
    ({ id, faultsWith }) => Object.hasOwn(faultsWith, uses) && (part === undefined || part === id),
  );
  throw new CommandError(`${breaking(fault, rehearsal)}, which the world "${name}" has not`, {
    exitCode: EXIT.invalid,
    hint:
      couldBe !== undefined
        ? `That can be done to ${couldBe.id} when its with has ${couldBe.faultsWith[uses] ?? ''}.`
        : offering.length > 0
          ? `That can be done to ${offering.join(' and ')}.`
          : `Its parts can be broken by ${known === '' ? 'nothing' : known}.`,
  });
}
