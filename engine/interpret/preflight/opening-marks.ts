import { Instant } from '../../base/instant.ts';
import { SourceFile } from '../../source/file.ts';
import type { Value } from '../../base/value.ts';
import type { InputQuestion } from '../../model/ports.ts';
import type { GivenAnswer } from '../life/answers.ts';
import { correctBeforehand } from '../people/correct.ts';
import { askValue } from '../people/inputs.ts';
import type { RunContext } from '../life/context.ts';

/**
 * The marks that a run begins with. In a recovery whose objectives are measured from them the operator
 * says when it happened and when it was noticed, with no default that would hide the delay: a procedure
 * that is measured from its own beginning has nothing of the kind. A drill's fault has set both by now,
 * and its recovery is declared when it begins.
 */
export async function openMarks(run: RunContext): Promise<void> {
  const { log, options } = run;
  const { rto, rpo } = options.playbook.objectives;
  const drilled = options.fault !== undefined;
  if (!log.state.marks.has('declared')) {
    const time = (drilled ? options.clock.now() : run.startedAt).epochMicros;
    await log.append({ type: 'mark.set', mark: 'declared', time, source: 'run' });
  }
  const isMeasured = rpo !== undefined || (rto !== undefined && ASKED.includes(rto.from));
  if (options.mode === 'recover' && isMeasured) {
    await askMark(run, 'occurred', 'When did it happen?');
    await askMark(run, 'detected', 'When was it noticed?');
  }
}

/** Marks that only people know. */
const ASKED: readonly string[] = ['occurred', 'detected'];

/** The first step of the recovery is about to begin. */
export async function markStarted(run: RunContext): Promise<void> {
  if (run.log.state.marks.has('started')) return;
  const time = run.options.clock.now().epochMicros;
  await run.log.append({ type: 'mark.set', mark: 'started', time, source: 'run' });
}

async function askMark(run: RunContext, mark: 'occurred' | 'detected', prompt: string): Promise<void> {
  const known = run.log.state.marks.get(mark);
  const check = (value: Value): string | undefined => {
    if (!(value instanceof Instant)) return 'must be a time with an offset';
    if (value.epochMicros > run.options.clock.now().epochMicros) return 'lies in the future';
    const { occurred, detected } = Object.fromEntries(run.log.state.marks);
    if (mark === 'detected' && typeof occurred === 'number' && value.epochMicros < occurred) {
      return 'lies before it happened';
    }
    const isLate = mark === 'occurred' && typeof detected === 'number' && value.epochMicros > detected;
    return isLate ? 'lies after it was noticed' : undefined;
  };
  const question: InputQuestion = {
    type: 'input',
    key: `mark/${mark}`,
    id: mark,
    title: prompt,
    choices: ['value', 'note', 'pause', 'abort'],
    input: { name: mark, prompt, type: 'time', options: [], span: NOWHERE },
    check,
  };
  if (typeof known !== 'number') {
    await askValue(run, question, (answer) => [
      { type: 'mark.set', mark, time: micros(answer), source: 'operator' },
    ]);
  }
  const value = (): Value => new Instant(run.log.state.marks.get(mark) ?? 0);
  const answer: GivenAnswer = {
    scope: 'mark',
    name: mark,
    prompt,
    value,
    isSecret: false,
    taken: (given) => given,
    question: () => Promise.resolve({ ...question, default: value() }),
    // What steps asked by `run.occurredAt` was right to ask; the measured figures hold it against the new moment.
    affected: () => ({ steps: [], inputs: [] }),
    events: (corrected) => [{ type: 'mark.set', mark, time: micros(corrected), source: 'correction' }],
    apply: () => undefined,
  };
  run.answers.add(answer);
  if (typeof known === 'number') await correctBeforehand(run, answer);
}

const micros = (value: Value): number => (value instanceof Instant ? value.epochMicros : 0);

/** These questions are the engine's own, so they have no place in a file. */
const NOWHERE = { file: new SourceFile('drillbook', ''), start: 0, end: 0 };
