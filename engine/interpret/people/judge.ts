import { verifies } from '../../base/ed25519.ts';
import { Duration } from '../../base/duration.ts';
import { Instant } from '../../base/instant.ts';
import type { Value, ValueMap } from '../../base/value.ts';
import { decodeValue, isValueList, isValueMap } from '../../base/value.ts';
import { problemOfAnswer } from '../../model/answering.ts';
import type { AnswerSaid, ApprovalSaid, Said } from '../../model/message.ts';
import { statementOf } from '../../model/message.ts';
import type { Person } from '../../model/people.ts';
import { personIn } from '../../model/people.ts';
import type { Answer, AnswerName, InputQuestion, Question } from '../../model/ports.ts';
import { needsReason } from '../../model/ports.ts';

/** It does not count, and why not: said to whoever sent it. */
export class Refused extends Error {
  override readonly name = 'Refused';
}

/**
 * Who says it, once they have proven it as the environment wants it. Where it lists people it is one of them; whoever
 * has a key there signs with it. Throws `Refused`.
 */
export function senderOf(said: Said, run: string, data: ValueMap): string {
  if (said.run !== run) throw new Refused(`it was said to the run ${said.run}`);
  const known = personIn(data, said.by);
  if (known === 'anybody') return said.by;
  if (known === undefined) throw new Refused(`the environment knows nobody called "${said.by}"`);
  expectProof(said, known);
  return known.name;
}

function expectProof(said: Said, { name, keys }: Person): void {
  const { proof } = said;
  if (proof === undefined && keys.length === 0) return;
  if (proof === undefined) throw new Refused(`${name} has a key in the environment, and it is not signed`);
  if (!keys.includes(proof.key)) throw new Refused(`it is signed with a key that is not one of ${name}'s`);
  if (!verifies(statementOf(said), proof.key, proof.signature))
    throw new Refused('its signature does not fit what it says');
}

/** An approver's clock may be ahead of ours by so much. */
const CLOCKS_MICROS = 120_000_000;

/** An approval that counts: of one who may, for the step as it is, signed, and neither too old nor used. Throws `Refused`. */
export function approvalTo(
  question: Question,
  said: ApprovalSaid,
  of: { readonly person: string; readonly drivers: ReadonlySet<string>; readonly now: Instant },
): Omit<Answer, 'from'> {
  const { person, drivers, now } = of;
  const approvals = question.type === 'gate' ? question.approvals : undefined;
  if (approvals === undefined) throw new Refused('it needs no approval');
  if (said.digest !== approvals.digest) throw new Refused('the step is no longer what was approved');
  if (said.proof === undefined)
    throw new Refused(`an approval is signed, and the environment has no key of ${person}`);
  if (drivers.has(person)) throw new Refused(`${person} drives the run: nobody approves their own request`);
  if (!approvals.people.includes(person))
    throw new Refused(`only ${approvals.people.join(', ')} may approve it (${approvals.of.join(', ')})`);
  if (approvals.have.some(({ by }) => by === person)) throw new Refused(`${person} has approved it already`);
  return { answer: 'approve', until: endOf(said, approvals.expiresMs, now) };
}

function endOf(said: ApprovalSaid, expiresMs: number, now: Instant): number {
  const [at, expires] = [Instant.parse(said.at)?.epochMicros, Instant.parse(said.expires)?.epochMicros];
  if (at === undefined || expires === undefined) throw new Refused('it does not say when it was given');
  if (at > now.epochMicros + CLOCKS_MICROS)
    throw new Refused(`it was given in the future (${said.at}): a clock is wrong`);
  const until = Math.min(expires, at + expiresMs * 1000);
  if (until <= now.epochMicros) throw new Refused(`it counted until ${new Instant(until).toString()}`);
  return until;
}

/** What was answered, where the question can be answered so and by them. Throws `Refused`. */
export function answerTo(question: Question, said: AnswerSaid, person: string): Omit<Answer, 'from'> {
  const problem = problemOfAnswer(question, said.answer, person);
  if (problem !== undefined) throw new Refused(problem);
  const answer = said.answer as AnswerName;
  const reason = said.reason?.trim() ?? '';
  if (needsReason(answer) && reason === '') throw new Refused(`${answer} needs a reason`);
  const values = valuesOf(question, answer, said);
  return {
    answer,
    ...(reason !== '' && { reason }),
    ...(Object.keys(values).length > 0 && { values }),
  };
}

function valuesOf(question: Question, answer: AnswerName, { values: given }: AnswerSaid): ValueMap {
  const decoded = given === undefined ? {} : decodeValue(given);
  const values = isValueMap(decoded) ? decoded : {};
  switch (answer) {
    case 'go':
      if (question.type === 'gate' && question.typed !== undefined && values['typed'] !== question.typed)
        throw new Refused(`${question.typed} has to be typed to say go`);
      return picked(values, ['typed']);
    case 'value':
      return { value: inputValue(question, values['value']) };
    case 'branch':
      if (question.type !== 'branch' || !question.branches.some(({ name }) => name === values['branch']))
        throw new Refused('there is no such branch');
      return picked(values, ['branch']);
    case 'note':
      if (typeof values['text'] !== 'string' || values['text'].trim() === '')
        throw new Refused('a note needs words');
      return picked(values, ['text']);
    case 'byHand':
    case 'done':
    case 'happened':
      return handMade(question, values);
    default:
      return {};
  }
}

/** Outputs of what was done by hand: those that are asked for, and nothing that could name a secret. */
function handMade({ outputs = [], secretOutput = [] }: Question, values: ValueMap): ValueMap {
  if (secretOutput.length > 0 && outputs.length > 0)
    throw new Refused('a secret is part of it, which is given at the terminal of the run only');
  const taken = picked(values, outputs);
  const missing = outputs.find((name) => !isPlain(taken[name] ?? null));
  if (missing !== undefined) throw new Refused(`its ${missing} has to be said`);
  return taken;
}

const isPlain = (value: Value): boolean =>
  isValueList(value) ? value.every(isPlain) : value !== null && !isValueMap(value);

const picked = (values: ValueMap, names: readonly string[]): ValueMap =>
  Object.fromEntries(
    names.flatMap((name) => {
      const value = Object.hasOwn(values, name) ? values[name] : undefined;
      return value === undefined ? [] : [[name, value]];
    }),
  );

function inputValue(question: Question, value: Value | undefined): Value {
  if (question.type !== 'input' || value === undefined) throw new Refused('it has no value');
  if (question.input.type === 'secret')
    throw new Refused('a secret is given at the terminal of the run only');
  const wrong = fits(question, value)
    ? question.check(value)
    : `is not what is asked for (${question.input.type})`;
  if (wrong !== undefined) throw new Refused(`the value ${wrong}`);
  return value;
}

function fits({ input: { type, options } }: InputQuestion, value: Value): boolean {
  const isOption = (each: Value): boolean =>
    typeof each === 'string' && (options.length === 0 || options.some((option) => option.value === each));
  switch (type) {
    case 'text':
    case 'secret':
      return typeof value === 'string';
    case 'choice':
      return isOption(value);
    case 'list':
      return isValueList(value) && value.every(isOption);
    case 'time':
      return value instanceof Instant;
    case 'duration':
      return value instanceof Duration;
    case 'number':
      return typeof value === 'number' || typeof value === 'bigint';
    case 'boolean':
      return typeof value === 'boolean';
  }
}
