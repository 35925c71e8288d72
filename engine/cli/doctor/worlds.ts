import { access, constants } from 'node:fs/promises';
import { resolve } from 'node:path';
import { lackOfDisk } from '../../base/own-disk.ts';
import { lackOfPostgres } from '../../base/postgres-here.ts';
import { findOnPath, findProgram, howToInstall } from '../../base/programs.ts';
import type { ProgramName } from '../../base/programs.ts';
import { partSchema } from '../../load/stepschema.ts';
import type { PartPlan, WorldPlan, WorldValue } from '../../model/world.ts';
import { CommandError } from '../exit.ts';
import { findWorld, worldNames } from '../loading.ts';
import type { Finding } from './finding.ts';

/** Of each world of the folder, whether this machine has the programs that its parts start. */
export async function worldFindings(folder: string): Promise<readonly Finding[]> {
  const findings = await Promise.all(
    [...new Set(worldNames(folder))].map((name) => findingsOf(name, folder)),
  );
  return findings.flat();
}

async function findingsOf(name: string, folder: string): Promise<readonly Finding[]> {
  const what = `the world ${name}`;
  try {
    const found = await findWorld(name, folder);
    if (found === undefined) return [];
    const lacks = await lacksOfParts(found.plan);
    return lacks.length > 0 ? lacks : [{ what, verdict: 'ok', detail: 'the programs of its parts are here' }];
  } catch (error) {
    if (!(error instanceof CommandError)) throw error;
    return [
      {
        what,
        verdict: 'problem',
        detail: 'its file is not right',
        hint: 'drillbook check says what is wrong.',
      },
    ];
  }
}

/** Programs that the parts of a world would start, and that this machine lacks. */
export const lacksOfParts = async (world: WorldPlan): Promise<readonly Finding[]> =>
  (await Promise.all(world.parts.map((part) => lacksOf(part, world)))).flat();

async function lacksOf(part: PartPlan, world: WorldPlan): Promise<readonly Finding[]> {
  const what = `the part ${part.id} of the world ${world.name}`;
  const own = [...(partSchema(part.uses)?.programs ?? []), ...belongingsOf(part)] as readonly ProgramName[];
  const missing = await Promise.all(
    own.map(async (name) => ((await findProgram(name)) === undefined ? [lack(what, name)] : [])),
  );
  const told = toldProgram(part);
  const cwd = resolve(world.folder, literal(member(part.with, 'cwd')) ?? '.');
  return [
    ...missing.flat(),
    ...lackOfServer(part, what),
    ...lackOfOwnDisk(part, what),
    ...(told === undefined || (await isHere(told, cwd)) ? [] : [lack(what, told)]),
  ];
}

function lackOfServer({ postgres }: PartPlan, what: string): readonly Finding[] {
  const lack = postgres === undefined ? undefined : lackOfPostgres(postgres);
  return lack === undefined ? [] : [{ what, verdict: 'problem', detail: lack.what, hint: lack.hint }];
}

function lackOfOwnDisk({ with: args }: PartPlan, what: string): readonly Finding[] {
  const lack = member(args, 'disk') === undefined ? undefined : lackOfDisk();
  return lack === undefined ? [] : [{ what, verdict: 'problem', detail: lack.what, hint: lack.hint }];
}

function lack(what: string, program: string): Finding {
  const how = howToInstall(program);
  return {
    ...{ what, verdict: 'problem', detail: `${program} is not on this machine` },
    hint: how === undefined ? 'Install it, or name another.' : `Install it: ${how}.`,
  };
}

/** What a part needs for a clock, or a disk, of its own. */
const belongingsOf = ({ with: args }: PartPlan): readonly ProgramName[] => {
  const clock = member(args, 'ownClock');
  const hasClock = clock?.type === 'literal' && clock.value === true;
  const hasDisk = member(args, 'disk') !== undefined;
  return [
    ...(hasClock ? (['libfaketime'] as const) : []),
    ...(hasDisk ? (['mount', 'umount'] as const) : []),
  ];
};

/** The program of a part that is told a command, where that is no name of another part. */
function toldProgram({ with: args }: PartPlan): string | undefined {
  const command = member(args, 'command') ?? member(args, 'restore');
  return command?.type === 'list' ? literal(command.items[0]) : undefined;
}

/** As it would be started: by its path, seen from the folder that it works in, or by its name. */
async function isHere(program: string, cwd: string): Promise<boolean> {
  if (!program.includes('/')) return (await findOnPath(program)) !== undefined;
  return await access(resolve(cwd, program), constants.X_OK).then(
    () => true,
    () => false,
  );
}

const member = (value: WorldValue, key: string): WorldValue | undefined =>
  value.type === 'map' && Object.hasOwn(value.members, key) ? value.members[key] : undefined;

const literal = (value: WorldValue | undefined): string | undefined =>
  value?.type === 'literal' && typeof value.value === 'string' ? value.value : undefined;
