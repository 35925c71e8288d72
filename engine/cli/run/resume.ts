import { decodeValue, isValueMap } from '../../base/value.ts';
import type { ValueMap } from '../../base/value.ts';
import { knownAnswers } from '../../interpret/preflight/given-answers.ts';
import { digestOf } from '../../load/own-kinds.ts';
import type { OwnKind } from '../../load/own-kinds.ts';
import { loadWorld } from '../../load/world.ts';
import { backupOf } from '../../model/backup.ts';
import type { Event, RunStarted } from '../../model/event.ts';
import { permittedAnswers } from '../answers.ts';
import { CommandError, EXIT } from '../exit.ts';
import type { ExitCode } from '../exit.ts';
import { expectLoaded } from '../loading.ts';
import { expectCode } from '../own-kinds.ts';
import type { LoadedKind } from '../own-kinds.ts';
import { engineVersion } from '../package-info.ts';
import { shownPath } from '../paths.ts';
import { carryOn } from './carry-on.ts';
import { currentHost, operatorIn } from './identity.ts';
import type { FileWorld } from './request.ts';
import { asFile, recordedPlaybook } from './recorded-playbook.ts';
import { openSession } from './session.ts';
import type { SessionOptions } from './session.ts';
import { takeAnswers } from './take-answers.ts';
import { environmentOf } from './world.ts';
import { invocation } from '../invocation.ts';

/** Goes on with a run, from what its journal holds: files edited since then do not matter. */
export async function resumeRun(
  runId: string,
  given: { readonly answers: ValueMap; readonly yes?: boolean | undefined },
  options: SessionOptions,
): Promise<ExitCode> {
  const session = await openSession(runId, 'open', options);
  try {
    const history = [...session.open.events];
    const started = history[0];
    if (started?.type !== 'run.started') {
      throw withoutBeginning(runId, started);
    }
    if (history.some((event) => event.type === 'run.finished')) {
      throw new CommandError(`run ${runId} has ended; there is nothing to resume`, {
        exitCode: EXIT.invalid,
        hint: `${invocation(`report ${runId}`)} shows it.`,
      });
    }
    if (started.sources.some(({ role }) => role === 'backup')) throw proofEnded(started);
    const { playbook, sources, ownKinds } = await recordedPlaybook(started);
    const kinds = await sameCode(ownKinds, runId);
    const source = started.sources.find(({ role }) => role === 'environment');
    const reads = started.sources.filter(({ role }) => role === 'source');
    const environment = source === undefined ? undefined : await environmentOf(source, reads);
    const operator = operatorIn(environment, options.operator);
    await session.open.journal.append({
      type: 'run.resumed',
      operator,
      host: currentHost(),
      pid: process.pid,
      engine: engineVersion(),
      unattended: session.screen.unattended,
    });
    const recorded = decodeValue(started.answers);
    const before = isValueMap(recorded) ? knownAnswers(recorded) : {};
    const isTabletop = started.mode === 'tabletop';
    const about = { environment: started.environment.kind, playbook, isTabletop };
    const permitted = permittedAnswers({ ...given, answers: { ...before, ...given.answers } }, about);
    const { answers } = takeAnswers(session, playbook, permitted);
    const rehearsal = playbook.rehearsals.find(({ name }) => name === started.rehearsal);
    return await carryOn(session, {
      mode: started.mode,
      operator,
      playbook,
      sources,
      ownKinds: kinds,
      answers,
      corrections: takeAnswers(session, playbook, permittedAnswers({ answers: given.answers }, about))
        .answers,
      history,
      ...(environment !== undefined && { environment }),
      ...(rehearsal !== undefined && { rehearsal }),
      ...(started.blind === true && { blind: true }),
      ...(started.world !== undefined && { world: started.world }),
      ...recordedWorld(started),
    });
  } finally {
    await session.close();
  }
}

/** The copy of a proof ends with its process. */
const proofEnded = ({ run, playbook }: RunStarted): CommandError =>
  new CommandError(
    `run ${run} proves a backup, and its copy ended with its process: there is nothing to go on with`,
    {
      exitCode: EXIT.invalid,
      hint: `Begin anew, which writes down its end too: ${invocation(`prove ${backupOf(playbook) ?? ''}`)}`,
    },
  );

function withoutBeginning(run: string, first: Event | undefined): CommandError {
  if (first?.type === 'journal.repaired' && first.head !== undefined) {
    return new CommandError(`run ${run} cannot go on: its journal lost everything, its beginning too`, {
      exitCode: EXIT.store,
      hint: 'What it did is not known. Look at its targets before you start another run.',
    });
  }
  return new CommandError(`run ${run} has no beginning: it died before its first event was written`, {
    exitCode: EXIT.failed,
    hint: 'Nothing was done by it. Start it again.',
  });
}

/** The file of its world as it was when the run began; none of a run elsewhere. */
function recordedWorld({ sources }: RunStarted): { readonly fileWorld?: FileWorld } {
  const source = sources.find(({ role }) => role === 'world');
  if (source === undefined) return {};
  const file = asFile(source);
  return { fileWorld: { file, plan: () => expectLoaded(loadWorld(file), file) } };
}

/** Goes on with the code that the run began with, or not at all. */
async function sameCode(kinds: readonly OwnKind[], runId: string): Promise<readonly LoadedKind[]> {
  for (const { name, path, sha256 } of kinds) {
    const now = await digestOf(path);
    if (now === sha256) continue;
    throw new CommandError(
      `run ${runId} cannot go on: ${name} is not what it began with (${shownPath(path)} ${now === undefined ? 'cannot be read' : 'was changed'})`,
      {
        exitCode: EXIT.invalid,
        hint: `Nothing was changed. Put the file with the SHA-256 ${sha256} back, and resume; or ${invocation(`abandon ${runId}`)} and begin anew.`,
      },
    );
  }
  return expectCode(kinds);
}
