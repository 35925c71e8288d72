import { verifies } from '../base/ed25519.ts';
import { readJson } from '../base/json-text.ts';
import { isValueMap } from '../base/value.ts';
import type { Value } from '../base/value.ts';
import type { Event, GateAnswered } from '../model/event.ts';

/** What the signatures in a journal are worth. */
export interface Signatures {
  /** How many fit what they stand beside. */
  readonly good: number;
  /** Those that do not, by the numbers of their events. */
  readonly bad: readonly { readonly seq: number; readonly message: string }[];
}

/** Holds every signature against the statement that it is of, and that against what the journal made of it. */
export function signaturesIn(run: string, events: readonly Event[]): Signatures {
  const bad: { seq: number; message: string }[] = [];
  let good = 0;
  for (const event of events) {
    if (event.type !== 'gate.answered' || event.sent?.proof === undefined) continue;
    const problem = problemOf(run, event);
    if (problem === undefined) good += 1;
    else bad.push({ seq: event.seq, message: problem });
  }
  return { good, bad };
}

function problemOf(run: string, { key, answer, digest, sent, by }: GateAnswered): string | undefined {
  const { statement = '', proof } = sent ?? {};
  if (proof === undefined || !verifies(statement, proof.key, proof.signature))
    return `the signature of ${by} does not fit what it is of`;
  const said = parsed(statement);
  if (!isValueMap(said) || said['run'] !== run) return `${by} signed it for another run`;
  const isThis =
    said['type'] === 'approval'
      ? answer === 'approve' && said['step'] === key && said['digest'] === digest
      : said['answer'] === answer;
  return isThis ? undefined : `${by} signed something else`;
}

function parsed(text: string): Value {
  try {
    return readJson(text);
  } catch {
    return null;
  }
}
