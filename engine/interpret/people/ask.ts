import type { Json, JsonObject } from '../../base/json.ts';
import { decodeValue, encodeValue, isValueMap } from '../../base/value.ts';
import type { ValueMap } from '../../base/value.ts';
import type { EventBody, GateAnswered } from '../../model/event.ts';
import type { Answer, AnswerName, Question } from '../../model/ports.ts';
import { OperatorNeeded } from '../../model/ports.ts';
import type { Step } from '../../model/playbook.ts';
import type { StepKind } from '../../model/kind.ts';
import { elsewhereOf } from './elsewhere.ts';
import type { RunContext } from '../life/context.ts';
import { Cancelled, ENGINE, Paused } from '../life/control.ts';
import type { Job } from '../life/job.ts';
import { neededOf } from '../life/job.ts';
import { shownText } from '../life/text.ts';

/** An answer, given now or found in the journal. */
export interface Decision {
  readonly answer: string;
  readonly reason?: string;
  readonly values?: ValueMap;
  readonly by: string;
}

export interface AskOptions {
  /** Of the resolved step that an approval is bound to. */
  readonly digest?: string;
  /** Closes the question unanswered: what it asks for has come to pass by itself. */
  readonly closed?: AbortSignal;
  /** What to journal together with the answer, before it. */
  readonly also?: (answer: Answer) => readonly EventBody[];
  /** The answer's values are journaled elsewhere. */
  readonly withoutValues?: boolean;
}

/**
 * Puts a question to the operator and journals it with its answer. Notes are taken and the
 * question asked again; `pause` and an interrupt throw `Paused`. Undefined when it was closed.
 * Questions of branches side by side wait for each other.
 */
export async function ask(
  run: RunContext,
  question: Question,
  options: AskOptions = {},
): Promise<Decision | undefined> {
  const { pause, stop } = run.options;
  const { closed } = options;
  const signal = AbortSignal.any([pause, stop, ...(closed === undefined ? [] : [closed])]);
  const handOn = await run.turn(signal);
  if (handOn === undefined) {
    run.safePoint();
    return undefined;
  }
  const asked = leavable(run, question);
  try {
    for (;;) {
      run.safePoint();
      const decision = await askOnce(run, asked, options, signal);
      if (decision?.answer === 'switch') {
        await run.leave?.(decision.by, decision.reason);
        run.safePoint();
      }
      if (decision?.answer !== 'note') return decision;
    }
  } finally {
    handOn();
  }
}

/** Inside of a branch that the operator chose, every question can be left for another branch. */
function leavable(run: RunContext, question: Question): Question {
  if (run.leave === undefined || question.type === 'branch' || question.type === 'debt') return question;
  const choices = question.choices.filter((choice) => !LAST.has(choice));
  const last = question.choices.filter((choice) => LAST.has(choice));
  return { ...question, choices: [...choices, 'switch', ...last] };
}

/** Offered after all other answers. */
export const LAST: ReadonlySet<AnswerName> = new Set<AnswerName>(['note', 'pause', 'abort']);

async function askOnce(
  run: RunContext,
  question: Question,
  options: AskOptions,
  signal: AbortSignal,
): Promise<Decision | undefined> {
  const { key } = question;
  const gate = `${key}#${String((run.log.state.steps.get(key)?.gates ?? 0) + 1)}`;
  const { digest } = options;
  const bound = digest === undefined ? {} : { digest };
  await run.log.append({ type: 'gate.opened', key, gate, question: questionJson(question), ...bound });
  const given = await answerTo(run, { gate, question }, signal, options.closed);
  if (given === undefined) return undefined;
  const answer = withHandles(run, question, given);
  const { from } = given;
  const by = from?.person ?? run.options.operator.name;
  const { reason, values } = answer;
  const role = decidedBy(run, question, answer);
  const answered: GateAnswered = {
    type: 'gate.answered',
    key,
    gate,
    answer: answer.answer,
    ...(reason !== undefined && { reason }),
    ...(values !== undefined && options.withoutValues !== true && { values: encodeValue(values) }),
    by,
    ...(role !== undefined && { role }),
    ...bound,
    ...(from !== undefined && { sent: from.sent }),
    ...countsUntil(question, given),
  };
  if (answer.answer === 'note') {
    const text = answer.values?.['text'] ?? answer.reason ?? '';
    await run.log.append({ type: 'note.added', key, text: shownText(text), by }, answered);
  } else {
    await run.log.append(...(options.also?.(answer) ?? []), answered);
  }
  // Whoever else has answered meanwhile is told.
  elsewhereOf(run).look();
  if (answer.answer === 'pause') throw new Paused(answer.reason ?? 'paused by the operator');
  return {
    answer: answer.answer,
    by,
    ...(reason !== undefined && { reason }),
    ...(values !== undefined && { values }),
  };
}

async function answerTo(
  run: RunContext,
  { gate, question }: { readonly gate: string; readonly question: Question },
  signal: AbortSignal,
  closed: AbortSignal | undefined,
): Promise<Answer | undefined> {
  let answer: Answer;
  try {
    answer = await firstAnswer(run, { gate, question }, signal);
  } catch (error) {
    if (closed?.aborted === true) return undefined;
    // Nobody needs the answer any more.
    if (run.interruption() instanceof Cancelled) await closeQuestion(run, question.key, 'closed', ENGINE);
    // Any other open question is left as it is: it is asked again when the run goes on.
    run.safePoint();
    throw error;
  }
  if (closed?.aborted === true) return undefined;
  // Answers given beforehand may not fit: then a person has to look.
  const isUnsaid = run.options.mode === 'recover' && isUndecided(run, question, answer);
  const isOffered = question.choices.includes(answer.answer) || answer.answer === 'approve';
  if (!isOffered || isMistyped(question, answer) || isUnsaid) {
    throw new OperatorNeeded(question);
  }
  return answer;
}

/** Of the operator or of somebody elsewhere, whoever is first; the prompt of the one closes when the other was. */
async function firstAnswer(
  run: RunContext,
  asked: { readonly gate: string; readonly question: Question },
  signal: AbortSignal,
): Promise<Answer> {
  const { operator, inbox, waits } = run.options;
  if (inbox === undefined) return operator.ask(asked.question, signal);
  const over = new AbortController();
  const either = AbortSignal.any([signal, over.signal]);
  const elsewhere = elsewhereOf(run).answer(asked, either);
  const here = operator.ask(asked.question, either).catch((error: unknown) => {
    if (waits === true && error instanceof OperatorNeeded) return untilAborted(either);
    throw error;
  });
  try {
    return await Promise.race([elsewhere, here]);
  } finally {
    over.abort(new Error('answered'));
    // It has closed its prompt before the next question is put.
    await here.catch(() => undefined);
  }
}

const untilAborted = (signal: AbortSignal): Promise<never> =>
  new Promise((_, reject) => {
    const end = (): void => reject(signal.reason as Error);
    if (signal.aborted) end();
    else signal.addEventListener('abort', end, { once: true });
  });

/** Whoever asks a person makes sure of it; here it holds for every operator there may be. */
function isMistyped(question: Question, { answer, values }: Answer): boolean {
  const typed = question.type === 'gate' ? question.typed : undefined;
  return typed !== undefined && answer === 'go' && values?.['typed'] !== typed;
}

/** How long an approval counts; and those that a go rests on, which are used up by it. */
function countsUntil(
  question: Question,
  { answer, until }: Answer,
): Pick<GateAnswered, 'until' | 'approvals'> {
  if (until !== undefined) return { until };
  const have = question.type === 'gate' && answer === 'go' ? (question.approvals?.have ?? []) : [];
  if (have.length === 0) return {};
  return {
    approvals: have.map(({ message }) => message),
    until: Math.min(...have.map((each) => each.until)),
  };
}

/** Who of those that may decide it said go: whoever performs, or the one whom they name. */
function decidedBy(
  run: RunContext,
  question: Question,
  { answer, values, from }: Answer,
): GateAnswered['role'] {
  if (question.type !== 'gate' || question.role === undefined || answer !== 'go') return undefined;
  const { name, people } = question.role;
  const person = [from?.person ?? run.options.operator.name, values?.['saidBy']].find(
    (each): each is string => typeof each === 'string' && people.includes(each),
  );
  return person === undefined ? undefined : { name, person };
}

/** In earnest a decision of a role is nobody else's; an exercise goes on without them. */
const isUndecided = (run: RunContext, question: Question, answer: Answer): boolean =>
  question.type === 'gate' &&
  question.role !== undefined &&
  answer.answer === 'go' &&
  decidedBy(run, question, answer) === undefined;

/** Closes the newest question of a key without the operator, and says what closed it. */
export async function closeQuestion(
  run: RunContext,
  key: string,
  answer: 'done' | 'closed',
  by: string,
): Promise<void> {
  const gate = `${key}#${String(run.log.state.steps.get(key)?.gates ?? 1)}`;
  // It may never have come to its turn.
  if (!run.log.state.openGates.has(gate)) return;
  await run.log.append({ type: 'gate.answered', key, gate, answer, by });
}

/** An answer from the journal as if it had been given now. */
export function decided(answered: GateAnswered): Decision {
  const values = answered.values === undefined ? undefined : decodeValue(answered.values);
  return {
    answer: answered.answer,
    by: answered.by,
    ...(answered.reason !== undefined && { reason: answered.reason }),
    ...(isValueMap(values) && { values }),
  };
}

/** The answers that a step leaves its operator: `answers: { skip: never }` takes one away. */
export function allowed(step: Pick<Step, 'answers'>, choices: readonly AnswerName[]): readonly AnswerName[] {
  return choices.filter((choice) => !step.answers.some(({ answer }) => answer === choice));
}

/** The outputs that later steps may need, as the kind and the playbook tell: to be asked for where a person does the work. */
export function outputsAsked(job: Job, kind?: StepKind): Pick<Question, 'outputs' | 'secretOutput'> {
  const { secretOutput } = job.step;
  const outputs = new Set([...(kind?.outputs ?? []), ...(neededOf(job) ?? [])]);
  return {
    ...(outputs.size !== 0 && { outputs: [...outputs] }),
    ...(secretOutput.length !== 0 && { secretOutput }),
  };
}

/** An answer with handles in place of the secrets in it, before it is written down or used. */
function withHandles(run: RunContext, question: Question, answer: Answer): Answer {
  const { values } = answer;
  if (values === undefined) return answer;
  const { key, secretOutput = [] } = question;
  if (answer.answer === 'retryWith' && question.type === 'failure') {
    return { ...answer, values: run.secrets.maskLike(key, values, question.args) };
  }
  return { ...answer, values: run.secrets.mask(key, values, secretOutput) };
}

function questionJson(question: Question): JsonObject {
  switch (question.type) {
    case 'input': {
      const { key, id, title, choices, why, heading, offers, default: preset } = question;
      const { name, prompt, type, options } = question.input;
      return {
        type: 'input',
        ...{ key, id, title, choices },
        ...(why !== undefined && { why }),
        ...(heading !== undefined && { heading }),
        input: { name, prompt, type, options: options.map((option) => ({ ...option })) },
        ...(offers !== undefined && {
          offers: offers.map(({ label, value }) => ({ label, value: encodeValue(value) })),
        }),
        ...(preset !== undefined && { default: encodeValue(preset) }),
      };
    }
    case 'failure':
      return plainData({ ...question, args: encodeValue(question.args) });
    default:
      return plainData(question);
  }
}

/** A copy without the members that are undefined: it is data through and through. */
const plainData = (question: object): JsonObject =>
  JSON.parse(JSON.stringify(question)) as Record<string, Json>;
