import type { Probe } from '../../model/playbook.ts';
import { EvaluationError } from '../../model/ports.ts';
import { StepError } from '../../model/kind.ts';
import { NOTICED } from '../../model/signal.ts';
import type { RunContext } from '../life/context.ts';
import { withLimits } from '../life/deadline.ts';
import { probe } from '../attempt/execute.ts';
import { playbookFrame } from '../life/frame.ts';
import { names } from '../life/names.ts';
import { asMap } from '../life/arguments.ts';
import { checkReading } from '../safety/targets.ts';
import { shownText } from '../life/text.ts';

/** A fault that shows at all shows within this many rounds. */
const ROUNDS = 60;
const PAUSE_MS = 1000;
/** A probe that hangs is as red as one that fails. */
const PROBE_MS = 10_000;

/**
 * Resolves when each probe of `detect` was green once. Throws for one that stays red while nothing is broken:
 * that it is red afterwards says nothing.
 */
export async function expectSound(run: RunContext): Promise<void> {
  const { clock, pause, playbook } = run.options;
  for (const [index, aim] of playbook.detect.entries()) {
    const number = String(index + 1);
    for (let round = 1; ; round++) {
      run.safePoint();
      const reading = await redReading(run, aim, `detect/${number}`);
      if (reading === undefined) break;
      if (round === ROUNDS) {
        throw new StepError(`probe ${number} of \`detect\` is red although nothing is broken: ${reading}`, {
          code: 'alreadyRed',
          hint: 'It would be red whatever breaks, and so would tell of nothing. Let it ask for what holds in a sound world.',
        });
      }
      await clock.sleep(PAUSE_MS, pause);
    }
  }
}

/**
 * Asks the playbook's `detect` probes until one of them is red. Throws when all stay green: then the
 * fault broke nothing that anybody would notice.
 */
export async function awaitRed(run: RunContext): Promise<void> {
  const { log, options } = run;
  const { detect } = options.playbook;
  if (log.state.marks.has('detected') || detect.length === 0) return;
  for (let round = 0; round < ROUNDS; round++) {
    run.safePoint();
    for (const [index, aim] of detect.entries()) {
      const reading = await redReading(run, aim, `detect/${String(index + 1)}`);
      if (reading === undefined) continue;
      options.signal({ type: 'log', key: NOTICED, line: reading });
      return;
    }
    await options.clock.sleep(PAUSE_MS, options.pause);
  }
  throw new StepError('the fault broke nothing that `detect` notices: every probe stays green', {
    code: 'notDetected',
    hint: 'Give the playbook a probe that this fault turns red, or the rehearsal another fault.',
  });
}

/**
 * The alarm: the mark `detected`, set when all is ready for people to begin, so that no time counts in which
 * nobody could recover anything. A playbook without probes detects nothing, and its mark stays unset.
 */
export async function soundAlarm({ log, options }: RunContext): Promise<void> {
  if (log.state.marks.has('detected') || options.playbook.detect.length === 0) return;
  const time = options.clock.now().epochMicros;
  await log.append({ type: 'mark.set', mark: 'detected', time, source: 'detect' });
}

/** What is red about a probe; undefined when it is green. */
async function redReading(run: RunContext, aim: Probe, key: string): Promise<string | undefined> {
  const { evaluator, clock, playbook } = run.options;
  const frame = playbookFrame(playbook, '', {}, false);
  const kind = await run.kind(aim.uses);
  const args = asMap(evaluator.render(aim.with, names(run, frame, clock.now())));
  // What cannot be asked at all says nothing of the world.
  checkReading({ run, frame }, kind, args);
  const limits = { timeoutMs: PROBE_MS, interruptible: true, changed: 'nothing' } as const;
  try {
    const output = await withLimits(run, limits, (signal) => probe({ run, frame, key }, kind, args, signal));
    const scope = names(run, frame, clock.now(), { output });
    if (evaluator.test(aim.that, scope)) return undefined;
    return aim.else === undefined
      ? `not so: ${aim.that.source}`
      : shownText(evaluator.render(aim.else, scope));
  } catch (error) {
    if (error instanceof StepError || error instanceof EvaluationError) return error.message;
    throw error;
  }
}
