import { resolve } from 'node:path';
import { encodeValue } from '../../base/value.ts';
import type { ValueMap } from '../../base/value.ts';
import type { Event, SourceText } from '../../model/event.ts';
import { systemClock } from '../clock.ts';
import type { ExitCode } from '../exit.ts';
import { engineVersion } from '../package-info.ts';
import { carryOn } from './carry-on.ts';
import { currentHost, newRunId, operatorIn } from './identity.ts';
import type { RunRequest } from './request.ts';
import { openSession } from './session.ts';
import type { Session, SessionOptions } from './session.ts';
import { takeAnswers } from './take-answers.ts';
import { recordKinds } from '../own-kinds.ts';
import { sourceText } from './world.ts';

/** Starts a run and carries it to its end, or to where it can be resumed. */
export async function startRun(
  request: RunRequest,
  options: SessionOptions,
  runId = newRunId(systemClock.now()),
): Promise<ExitCode> {
  const operator = operatorIn(request.environment, options.operator);
  const session = await openSession(runId, 'create', options);
  try {
    const { answers, history } = await beginRun(session, request, operator);
    return await carryOn(session, { ...request, operator, answers, history });
  } finally {
    await session.close();
  }
}

/** Writes down what is to be run, with the texts of all files that it is made of: from here on it can be resumed. */
export async function beginRun(
  session: Session,
  request: RunRequest,
  operator: string,
): Promise<{ readonly answers: ValueMap; readonly history: readonly Event[] }> {
  const { environment, playbook, rehearsal, blind, world, reason } = request;
  const { answers, journaled } = takeAnswers(session, playbook, request.answers);
  const history = await session.open.journal.append({
    type: 'run.started',
    run: session.runId,
    mode: request.mode,
    playbook: playbook.id,
    title: playbook.title,
    environment: { name: environment?.name ?? 'sandbox', kind: environment?.kind ?? 'sandbox' },
    ...(rehearsal !== undefined && { rehearsal: rehearsal.name }),
    ...(blind === true && { blind }),
    ...(world !== undefined && { world }),
    ...(reason !== undefined && { reason }),
    operator,
    host: currentHost(),
    pid: process.pid,
    unattended: session.screen.unattended,
    engine: engineVersion(),
    sources: sourcesOf(request),
    ...(request.ownKinds.length !== 0 && { ownKinds: recordKinds(request.ownKinds.map(({ own }) => own)) }),
    objectives: playbook.objectives,
    answers: encodeValue(journaled),
  });
  return { answers, history };
}

const sourcesOf = ({ sources, environment, fileWorld, backup }: RunRequest): readonly SourceText[] => [
  ...sources.map((file, index) => sourceText(index === 0 ? 'playbook' : 'called', file.path, file.text)),
  ...(environment === undefined
    ? []
    : [
        sourceText('environment', environment.file.path, environment.file.text),
        ...Object.values(environment.sources ?? {}).map(({ file }) =>
          sourceText('source', file.path, file.text),
        ),
      ]),
  // What its parts name by a path is relative to it, wherever the run goes on.
  ...(fileWorld === undefined
    ? []
    : [sourceText('world', resolve(fileWorld.file.path), fileWorld.file.text)]),
  ...(backup === undefined ? [] : [sourceText('backup', backup.path, backup.text)]),
];
