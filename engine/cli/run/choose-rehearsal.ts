import { randomInt } from 'node:crypto';
import type { Playbook, Rehearsal } from '../../model/playbook.ts';
import { nearest } from '../../source/nearest.ts';
import { CommandError, EXIT } from '../exit.ts';

/**
 * Which rehearsal a drill is: the one asked for, else the first that may run in the environment. Undefined in one
 * that none may break: there the recovery is done without.
 *
 * @param environment absent for the sandbox
 */
export function chooseRehearsal(
  playbook: Playbook,
  name: string | undefined,
  environment: string | undefined,
): Rehearsal | undefined {
  const place = environment ?? 'sandbox';
  const { rehearsals } = playbook;
  if (name !== undefined) return expectPlace(namedRehearsal(playbook, name), place);
  const first = rehearsals.find(({ environments }) => environments.includes(place));
  if (first !== undefined || environment !== undefined) return first;
  const [other] = rehearsals;
  throw new CommandError(
    other === undefined
      ? `${playbook.id} has no rehearsal, so the sandbox does not know what to break`
      : `no rehearsal of ${playbook.id} may run in the sandbox`,
    {
      exitCode: EXIT.invalid,
      hint:
        other === undefined
          ? 'Add `rehearsals:` to the playbook, with a fault and the answers for it.'
          : `Drill where ${other.name} may run: --env ${other.environments[0] ?? 'NAME'}`,
    },
  );
}

/** One of those that may run in the environment, by chance. */
export function drawRehearsal(playbook: Playbook, environment = 'sandbox'): Rehearsal {
  const drawn = playbook.rehearsals.filter(({ environments }) => environments.includes(environment));
  const found = drawn[randomInt(Math.max(1, drawn.length))];
  if (found !== undefined) return found;
  throw new CommandError(`no rehearsal of ${playbook.id} may run in "${environment}"`, {
    exitCode: EXIT.invalid,
    hint: 'Nothing was changed. Where one may break something is said in the playbook: environments: [ … ].',
  });
}

/** The rehearsal of that name. */
export function namedRehearsal({ id, rehearsals }: Playbook, name: string): Rehearsal {
  const found = rehearsals.find((rehearsal) => rehearsal.name === name);
  if (found !== undefined) return found;
  const names = rehearsals.map((rehearsal) => rehearsal.name);
  const near = nearest(name, names);
  throw new CommandError(`${id} has no rehearsal "${name}"`, {
    exitCode: EXIT.invalid,
    hint:
      names.length === 0
        ? 'Add `rehearsals:` to the playbook, with a fault and the answers for it.'
        : near === undefined
          ? `It has ${names.join(', ')}; without --rehearsal it is ${names[0] ?? ''}.`
          : `Did you mean "${near}"?`,
  });
}

function expectPlace(rehearsal: Rehearsal, place: string): Rehearsal {
  const { name, environments, faults } = rehearsal;
  if (environments.includes(place)) return rehearsal;
  const ofParts = faults.some(({ type }) => type === 'part');
  throw new CommandError(
    `the rehearsal ${name} may run in ${environments.join(', ')}, and not in "${place}"`,
    {
      exitCode: EXIT.invalid,
      hint: ofParts
        ? 'Nothing was changed. It breaks a part of a world; elsewhere a rehearsal breaks by steps of its own.'
        : `Nothing was changed. Where it may break something is said in the playbook: environments: [${place}].`,
    },
  );
}
