import { oneLine } from '../../base/text.ts';
import type { ValueMap } from '../../base/value.ts';
import { valueMap } from '../../base/value.ts';
import { createEvaluator } from '../../expression/evaluator.ts';
import { namesOutside } from '../../interpret/life/names.ts';
import { answersBeforehand } from '../../interpret/rehearsal/answers.ts';
import { interpret } from '../../interpret/run.ts';
import type { RunOptions } from '../../interpret/run.ts';
import { rehearse } from '../../interpret/rehearse.ts';
import { tabletop } from '../../interpret/tabletop.ts';
import type { Redactor } from '../../journal/redact.ts';
import type { Vault } from '../../model/ports.ts';
import type { Environment } from '../../model/environment.ts';
import type { Rehearsal } from '../../model/playbook.ts';
import type { CountedLoss, LossCounted } from '../../model/evidence-event.ts';
import type { Event, RunOutcome } from '../../model/event.ts';
import type { SecretResolver } from '../../model/handle.ts';
import type { Signal } from '../../model/signal.ts';
import type { Evaluator, Lease } from '../../model/ports.ts';
import { renderReport } from '../../report/report.ts';
import { createSecretResolver } from '../../kinds/environment/secrets.ts';
import { summarize } from '../../measure/summary.ts';
import type { Loss } from '../../sandbox/ground/loss.ts';
import { systemClock } from '../clock.ts';
import { EXIT } from '../exit.ts';
import type { ExitCode } from '../exit.ts';
import { print, reportWidth, say, sayCommand, sayError, style } from '../terminal.ts';
import { stepTable } from '../own-kinds.ts';
import { EnvironmentLease } from './lease.ts';
import { earlierSaid } from './earlier.ts';
import { earlierDurations, expectedRest, forecastPlan } from './headline.ts';
import { giveUp } from './give-up.ts';
import { keepKey } from './keep-key.ts';
import { adviseNoting } from './head-advice.ts';
import type { RunRequest } from './request.ts';
import type { OperatorOptions } from './screen.ts';
import type { Session } from './session.ts';
import { takeAnswers } from './take-answers.ts';
import { withInjects } from './with-injects.ts';
import { tellEvents } from './tell-events.ts';
import type { Outbox } from './outbox.ts';
import { WorldGone, removeWorld } from './world.ts';
import type { OpenWorld } from './world.ts';
import { invocation } from '../invocation.ts';

export interface RunSubject extends RunRequest {
  /** Who performs, in this life of the run. */
  readonly operator: string;
  /** What earlier lives of the run wrote. */
  readonly history: readonly Event[];
  /** What was given to this life of the run: it corrects what was answered in an earlier one. */
  readonly corrections?: ValueMap;
}

/** Runs what is left of a run: the world, the fault, the recovery, the end. */
export async function carryOn(session: Session, subject: RunSubject): Promise<ExitCode> {
  const lease = await leaseEnvironment(session, subject);
  const plan = forecastPlan(subject.playbook);
  const durations = await earlierDurations(session.store);
  session.screen.forecastFrom(plan, durations);
  let outbox: Outbox | undefined;
  try {
    const world = subject.environment === undefined ? await openSandbox(session, subject) : undefined;
    const environment = world?.environment ?? subject.environment;
    if (environment === undefined) throw new Error('a run without an environment');
    outbox = await tellEvents(session, environment);
    const result = await unlessGone(
      session,
      world,
      run(session, subject, environment, {
        world,
        lease,
        expected: () => expectedRest(session.events, plan, durations),
      }),
    );
    if ('paused' in result) {
      if (subject.backup === undefined) return tellPaused(session, result.reason);
      await giveUp(session.open, session.events, { reason: result.reason, by: subject.operator });
      return EXIT.interrupted;
    }
    const head = await session.open.seal();
    const remains = await removeWorld(world?.world);
    const exitCode = tellOutcome(session, head);
    if (remains !== undefined) sayError(remains);
    return exitCode;
  } finally {
    const untold = await outbox?.close();
    if (untold !== undefined) sayError(untold);
    await lease?.giveBack();
  }
}

/** One run that writes per environment. Each sandbox is a world of its own and needs no lock, nor does a tabletop. */
async function leaseEnvironment({ store, runId }: Session, { environment, mode }: RunSubject) {
  const isIdle = environment === undefined || mode === 'tabletop';
  return isIdle ? undefined : EnvironmentLease.of(store, environment.name, runId);
}

async function openSandbox(session: Session, { fileWorld, backup }: RunSubject): Promise<OpenWorld> {
  const { openWorld } = await import('./world.ts');
  return openWorld(session, fileWorld, backup !== undefined);
}

/** What stopped a run whose world has been killed is that: what else it says would lead to a vain look for another cause. */
async function unlessGone<T extends object>(
  { runId }: Session,
  world: OpenWorld | undefined,
  running: Promise<T>,
): Promise<T> {
  const isGone = async (): Promise<boolean> => world !== undefined && !(await world.world.lives());
  const result = await running.catch(async (error: unknown) => {
    if (await isGone()) throw new WorldGone(runId, error);
    throw error;
  });
  if ('paused' in result && (await isGone())) throw new WorldGone(runId);
  return result;
}

/** What a run has around it. */
interface Around {
  readonly world: OpenWorld | undefined;
  readonly lease: Lease | undefined;
  readonly expected: NonNullable<RunOptions['expected']>;
}

async function run(
  session: Session,
  subject: RunSubject,
  environment: Environment,
  { world, lease, expected }: Around,
): Promise<{ outcome: RunOutcome } | { paused: true; reason: string }> {
  const evaluator = createEvaluator();
  const base = {
    playbook: subject.playbook,
    environment,
    mode: subject.mode,
    runId: session.runId,
    folder: session.store.folder(session.runId),
    journal: session.open.journal,
    history: subject.history,
    steps: stepTable(subject.ownKinds, environment.policy),
    evaluator,
    expected,
    clock: systemClock,
    secrets: secretsOf(session, environment),
    vault: vaultOf(session, environment),
    conceal: (secret) => session.redactor.add(secret),
    signal: (signal) => session.screen.view.signal(redacted(signal, session.redactor)),
    earlier: (playbook, step) => earlierSaid(session.store, environment, playbook, step),
    attach: (key, path) => session.open.attach(key, path),
    ...(lease !== undefined && { lease }),
    inbox: session.store.inbox(session.runId),
    ...(session.waits && { waits: true }),
    pause: session.interrupts.pause,
    stop: session.interrupts.stop,
    // In a copy nobody has written.
    ...(world !== undefined && subject.backup === undefined && { countLoss: () => countLoss(world) }),
  } satisfies Omit<RunOptions, 'operator'>;

  const about = {
    name: subject.operator,
    environment: environment.kind,
    corrections: subject.corrections ?? {},
  };
  const { rehearsal } = subject;
  if (subject.mode === 'tabletop') return talkThrough(session, subject, base, about);
  if (rehearsal === undefined) {
    return interpret({ ...base, operator: session.screen.operator(subject.answers, about) });
  }
  const answered = (fault?: ValueMap): ValueMap => {
    // Offered to a person, they would tell what was broken.
    const isTold = subject.blind !== true || session.screen.unattended;
    const ofRehearsal = isTold ? rehearsalAnswers(rehearsal, { evaluator, environment, fault }) : {};
    return takeAnswers(session, subject.playbook, { ...ofRehearsal, ...subject.answers }).answers;
  };
  const drilled = { ...base, rehearsal, ...(world !== undefined && { world: world.world }) };
  const broken = await rehearse({ ...drilled, operator: session.screen.operator(answered(), about) });
  if (!('fault' in broken)) return broken;
  const { fault } = broken;
  // What broke, and when, is history for the recovery, as it is after a resume.
  const history = [...session.events];
  const operator = withInjects(session.screen.operator(answered(fault), about), session.events);
  return interpret({ ...drilled, history, operator, fault });
}

/** People at a table, with what the rehearsal would answer offered to them, and its injects. */
function talkThrough(
  session: Session,
  subject: RunSubject,
  base: Omit<RunOptions, 'operator'>,
  about: OperatorOptions,
): ReturnType<typeof tabletop> {
  const { rehearsal, playbook } = subject;
  const { evaluator, environment } = base;
  const offered = rehearsal && rehearsalAnswers(rehearsal, { evaluator, environment, fault: undefined });
  const { answers } = takeAnswers(session, playbook, { ...offered, ...subject.answers });
  if (rehearsal !== undefined) session.screen.tell(`The situation: ${rehearsal.title ?? rehearsal.name}`);
  const operator = withInjects(
    // No slip of a finger does any harm there.
    session.screen.operator(answers, { ...about, environment: 'sandbox' }),
    session.events,
  );
  return tabletop({ ...base, operator, ...(rehearsal !== undefined && { rehearsal }) });
}

const secretsOf = ({ redactor }: Session, environment: Environment): SecretResolver =>
  createSecretResolver(
    () => environment,
    (secret) => redactor.add(secret),
  );

/** Where the run keeps secrets for its later lives. */
const vaultOf = (session: Session, environment: Environment): Vault =>
  session.store.vault(session.runId, () => keepKey(environment, secretsOf(session, environment)));

/** A script prints what it likes: what goes to the screen is blotted out like what goes to the journal. */
function redacted(signal: Signal, redactor: Redactor): Signal {
  const clean = (text: string): string => redactor.redactText(text);
  switch (signal.type) {
    case 'log':
      return { ...signal, line: clean(signal.line) };
    case 'reading':
      return { ...signal, text: clean(signal.text) };
    case 'progress':
      return signal;
  }
}

/** While something is being broken, those that ask for the fault are not known yet. */
function rehearsalAnswers(
  { answers }: Rehearsal,
  of: {
    readonly evaluator: Evaluator;
    readonly environment: Environment;
    readonly fault: ValueMap | undefined;
  },
): ValueMap {
  const { evaluator, environment, fault } = of;
  const outside = namesOutside(environment, systemClock.now());
  if (fault === undefined) return answersBeforehand(evaluator, answers, outside);
  const scope = { ...outside, fault };
  return valueMap(answers.map(({ key, value }) => [key, evaluator.render(value, scope)] as const));
}

async function countLoss({ world }: OpenWorld): Promise<LossCounted> {
  const uploads = await world.lostUploads();
  return {
    type: 'loss.counted',
    ...counted(await world.loss()),
    ...(uploads !== undefined && { uploads: counted(uploads) }),
  };
}

function counted({ acknowledged, lost, newestKept, oldestLost, newestLost }: Loss): CountedLoss {
  const micros = (millis: number): number => Math.round(millis * 1000);
  return {
    acknowledged,
    lost,
    ...(newestKept !== undefined && { newestKept: micros(newestKept) }),
    ...(oldestLost !== undefined && { oldestLost: micros(oldestLost) }),
    ...(newestLost !== undefined && { newestLost: micros(newestLost) }),
  };
}

function tellPaused(session: Session, reason: string): ExitCode {
  session.screen.close();
  say(`Paused: ${oneLine(reason)}. Nothing is lost.`);
  sayCommand('Go on with:', invocation(`resume ${session.runId}`));
  return EXIT.interrupted;
}

function tellOutcome(session: Session, head: string): ExitCode {
  session.screen.close();
  if (!session.screen.json) {
    const width = reportWidth();
    print(`\n${renderReport(session.events, { format: 'text', brief: true, width, color: style.color })}`);
    print('');
    sayCommand('Timeline, checks and answers:', invocation(`report ${session.runId}`));
    sayCommand('Head of the store:', `sha256:${head}`);
    adviseNoting('  ');
  }
  return summarize(session.events).exitCode;
}
