import { access, constants } from 'node:fs/promises';
import { loadWorld } from '../../load/world.ts';
import type { Backup } from '../../model/backup.ts';
import { CommandError } from '../exit.ts';
import { expectLoaded } from '../loading.ts';
import { backupNames, findBackups } from '../prove/backups.ts';
import type { Finding } from './finding.ts';
import { lacksOfParts } from './worlds.ts';

/** Of each backup of the folder, whether its proof finds here what it needs. */
export async function backupFindings(playbooks: string): Promise<readonly Finding[]> {
  const findings = await Promise.all(backupNames(playbooks).map((name) => findingsOf(name, playbooks)));
  return findings.flat();
}

async function findingsOf(name: string, playbooks: string): Promise<readonly Finding[]> {
  const what = `the backup ${name}`;
  try {
    const lacks = (await findBackups([name], playbooks)).map((backup) => lacksOf(backup, what));
    const found = (await Promise.all(lacks)).flat();
    return found.length > 0 ? found : [{ what, verdict: 'ok', detail: 'what its proof needs is here' }];
  } catch (error) {
    if (!(error instanceof CommandError)) throw error;
    return [
      {
        ...{ what, verdict: 'problem', detail: 'its file is not right' },
        hint: 'drillbook check says what is wrong.',
      },
    ];
  }
}

async function lacksOf({ places, world }: Backup, what: string): Promise<readonly Finding[]> {
  const unread = await Promise.all(
    places.map(async (place): Promise<readonly Finding[]> => {
      const isReadable = await access(place, constants.R_OK).then(
        () => true,
        () => false,
      );
      if (isReadable) return [];
      return [
        {
          ...{ what, verdict: 'problem', detail: `there is no ${place} that could be read` },
          hint: 'Correct its path, or let whoever proves it read it.',
        },
      ];
    }),
  );
  return [...unread.flat(), ...(await lacksOfParts(expectLoaded(loadWorld(world), world)))];
}
