import { approvalOf, questionIn } from '../../model/answering.ts';
import type { Event } from '../../model/event.ts';
import { openGate } from '../../model/open-gate.ts';
import type { GateQuestion } from '../../model/ports.ts';
import { humanDuration } from '../../base/human.ts';
import type { Store } from '../../journal/store.ts';
import { liveRun } from '../elsewhere/chosen-run.ts';
import type { SpeakerOptions } from '../elsewhere/speaker.ts';
import { speakerTo } from '../elsewhere/speaker.ts';
import { systemClock } from '../clock.ts';
import { CommandError, EXIT } from '../exit.ts';
import type { ExitCode } from '../exit.ts';
import { invocation } from '../invocation.ts';
import { openStore } from '../run/store.ts';
import { isInteractive, print, say } from '../terminal.ts';

export interface ApproveOptions extends SpeakerOptions {
  readonly store?: string;
  readonly yes?: boolean;
}

/** `drillbook approve RUN [STEP]`: signs the step that a run waits for, and tells what became of it. */
export async function approve(
  run: string,
  step: string | undefined,
  options: ApproveOptions,
): Promise<ExitCode> {
  const store = await openStore(options.store);
  const { started, events } = await liveRun(store, run);
  const question = waiting(run, events, step);
  const speaker = await speakerTo(store, started, events, options);
  tell(question);
  if (!(await isMeant(options))) return EXIT.interrupted;
  const id = await speaker.say(approvalOf(question, run, speaker.name, systemClock.now()));
  if ((await store.writer(run)) === undefined) {
    say('Nobody drives the run now. It counts once somebody resumes it, if it still does by then.');
    return EXIT.done;
  }
  return answered(store, run, id, events.at(-1)?.seq ?? 0);
}

/** The gate that waits for approvals; of a gate that was answered, or whose step has ended, there is nothing to approve. */
function waiting(run: string, events: readonly Event[], step: string | undefined): GateQuestion {
  const open = openGate(events);
  const question = open && questionIn(open.question);
  const isIt = step === undefined || question?.key === step || question?.id === step;
  if (question?.type === 'gate' && question.approvals !== undefined && isIt) return question;
  throw new CommandError(
    question === undefined
      ? `run ${run} asks nothing now`
      : `run ${run} does not wait for an approval of ${step ?? question.key}; it asks: ${question.title}`,
    { exitCode: EXIT.invalid, hint: `${invocation(`join ${run}`)} shows what goes on there.` },
  );
}

function tell({ title, message, describe, effect, targets, approvals }: GateQuestion): void {
  print(title);
  if (message !== '') say(message);
  say(`will      ${describe}`, 10);
  print(`effect    ${effect}`);
  for (const { name, verdict } of targets) print(`target    ${name} (${verdict})`);
  print(`digest    ${approvals?.digest ?? ''}`);
  print(`counts    for ${humanDuration(approvals?.expiresMs ?? 0)}, once, and for nothing but this`);
}

/** Whoever sits there has seen what it is; a script has to say that it means it. */
async function isMeant({ yes }: ApproveOptions): Promise<boolean> {
  if (yes === true) return true;
  if (!isInteractive())
    throw new CommandError('nobody is there to be asked whether it is that step', {
      exitCode: EXIT.operatorNeeded,
      hint: 'With --yes it is approved as it is. Nothing was changed.',
    });
  const { pick } = await import('../../present/pick.ts');
  const picked = await pick('Approve it?', [
    { name: 'No', value: 'no' },
    { name: 'Yes, I approve it', value: 'yes' },
  ]);
  return picked.ok && picked.value === 'yes';
}

/** What the run's writer makes of it. */
async function answered(store: Store, run: string, id: string, from: number): Promise<ExitCode> {
  const over = new AbortController();
  for await (const event of store.follow(run, from, over.signal)) {
    if (event.type === 'gate.answered' && event.sent?.message === id) {
      say('Approved: it stands in the journal with your signature.');
      return EXIT.done;
    }
    if (event.type === 'message.refused' && event.message === id)
      throw new CommandError(`it does not count: ${event.reason}`, { exitCode: EXIT.invalid });
    if (event.type === 'run.finished' || event.type === 'run.paused') break;
  }
  throw new CommandError(`run ${run} stopped before it was looked at`, { exitCode: EXIT.failed });
}
