import type { Json } from '../base/json.ts';
import { isJsonObject, listOf } from '../base/json.ts';
import { decodeValue } from '../base/value.ts';
import { Instant } from '../base/instant.ts';
import type { ApprovalSaid } from './message.ts';
import type { AnswerName, GateQuestion, Question } from './ports.ts';

/** A talk of several questions, and words for a step: they are for whoever drives the run. */
const OF_THE_DRIVER: ReadonlySet<AnswerName> = new Set<AnswerName>(['correct', 'switch', 'retryWith']);

/** What a role is needed for: to say no, to take a note or to stop is everybody's. */
const YES: ReadonlySet<AnswerName> = new Set<AnswerName>(['go', 'done', 'byHand', 'value', 'would']);

/** Why somebody may not give this answer from elsewhere; undefined where they may. */
export function problemOfAnswer(question: Question, answer: string, person: string): string | undefined {
  const choice = question.choices.find((each) => each === answer);
  if (choice === undefined || OF_THE_DRIVER.has(choice))
    return `${answer} cannot be answered to it from elsewhere`;
  const { role } = question;
  if (!YES.has(choice) || role === undefined || role.people.includes(person)) return undefined;
  return `only ${role.name} may say ${answer}: ${role.people.join(', ')}`;
}

/** The question as it can be put to somebody elsewhere; undefined where there is nothing that they may answer. */
export function questionFor(question: Question, person: string): Question | undefined {
  const choices = question.choices.filter(
    (choice) => problemOfAnswer(question, choice, person) === undefined,
  );
  if (mayApprove(question, person)) return { ...question, choices: ['approve', ...choices] };
  // To take a note of what is for others is possible, and nothing to be asked for.
  const isTheirs = choices.some((choice) => !ALWAYS.has(choice));
  return isTheirs ? { ...question, choices } : undefined;
}

function mayApprove(question: Question, person: string): boolean {
  const approvals = question.type === 'gate' ? question.approvals : undefined;
  if (approvals === undefined) return false;
  return approvals.people.includes(person) && !approvals.have.some(({ by }) => by === person);
}

/** An approval of the step that a question is about, from now on for as long as one counts. */
export function approvalOf(question: GateQuestion, run: string, by: string, now: Instant): ApprovalSaid {
  const { expiresMs = 0, digest = '' } = question.approvals ?? {};
  const expires = new Instant(now.epochMicros + expiresMs * 1000);
  return {
    type: 'approval',
    run,
    step: question.key,
    by,
    digest,
    at: now.toString(),
    expires: expires.toString(),
  };
}

const ALWAYS: ReadonlySet<AnswerName> = new Set<AnswerName>(['note', 'pause', 'abort']);

/** The types of questions that can be put to anybody, as the journal has them. */
const TYPES: ReadonlySet<Json | undefined> = new Set<Question['type']>([
  'gate',
  'manual',
  'failure',
  'doubt',
  'input',
  'branch',
  'debt',
]);

/** A question as it stands in the journal; whether a value passes, only its run can tell. */
export function questionIn(json: Json): Question | undefined {
  if (!isJsonObject(json) || !TYPES.has(json['type'])) return undefined;
  const { input, default: preset, offers, ...rest } = json;
  if (json['type'] !== 'input') return json as unknown as Question;
  return {
    ...rest,
    input,
    ...(preset !== undefined && { default: decodeValue(preset) }),
    ...(offers !== undefined && {
      offers: listOf(offers).map((offer) =>
        isJsonObject(offer) ? { ...offer, value: decodeValue(offer['value'] ?? null) } : offer,
      ),
    }),
    check: () => undefined,
  } as unknown as Question;
}
