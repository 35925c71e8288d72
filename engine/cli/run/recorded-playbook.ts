import { theseKinds } from '../../load/own-kinds.ts';
import type { OwnKind } from '../../load/own-kinds.ts';
import type { Library, LoadedPlaybook } from '../../load/playbook.ts';
import { loadPlaybook } from '../../load/playbook.ts';
import { isPlaybook } from '../../model/event.ts';
import type { RunStarted, SourceText } from '../../model/event.ts';
import type { Playbook } from '../../model/playbook.ts';
import { SourceFile } from '../../source/file.ts';
import { CommandError, EXIT } from '../exit.ts';
import { expectPlaybook } from '../loading.ts';
import { recordedKinds } from '../own-kinds.ts';

/** The playbook as it was when the run began. */
export async function recordedPlaybook(started: RunStarted): Promise<ReturnType<typeof expectPlaybook>> {
  const main = started.sources.find(isPlaybook);
  if (main === undefined) {
    throw new CommandError('the journal holds no playbook', { exitCode: EXIT.store });
  }
  const file = asFile(main);
  return expectPlaybook(await loadRecorded(file, started), file);
}

/** The same, for whoever can do without: undefined where it is not there, or this version does not read it. */
export async function knownPlaybook(started: RunStarted): Promise<Playbook | undefined> {
  const main = started.sources.find(isPlaybook);
  return main === undefined ? undefined : (await loadRecorded(asFile(main), started)).value;
}

const loadRecorded = async (file: SourceFile, started: RunStarted): Promise<LoadedPlaybook> =>
  loadPlaybook(
    file,
    recordedLibrary(started.sources.filter(isPlaybook), await recordedKinds(started.ownKinds ?? [])),
  );

function recordedLibrary(sources: readonly SourceText[], kinds: readonly OwnKind[]): Library {
  const byId = new Map(
    sources.map((source) => [/([^/\\]+)\.ya?ml$/.exec(source.path)?.[1] ?? source.path, source]),
  );
  return {
    find: (id) => {
      const source = byId.get(id);
      return Promise.resolve(source === undefined ? undefined : asFile(source));
    },
    ids: () => Promise.resolve([...byId.keys()]),
    ownKinds: theseKinds(kinds),
  };
}

/** A file as the journal holds it. */
export const asFile = (source: SourceText): SourceFile => new SourceFile(source.path, source.text);
