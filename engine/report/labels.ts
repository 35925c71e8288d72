import { Duration } from '../base/duration.ts';
import { Instant } from '../base/instant.ts';
import type { Json } from '../base/json.ts';
import { canonicalJson, isJsonObject } from '../base/json.ts';
import { oneLine } from '../base/text.ts';
import { decodeValue, encodeValue, isValueList, isValueMap } from '../base/value.ts';
import type {
  CheckProved,
  DebtSettled,
  Event,
  GateAnswered,
  GateOpened,
  InputAnswered,
  JournalRepaired,
  RunOutcome,
  RunStarted,
} from '../model/event.ts';
import type { RunRecord } from '../measure/record.ts';
import type { RunSummary } from '../measure/summary.ts';
import { isEvidence } from '../model/mode.ts';
import type { InputCorrected } from '../model/flow-event.ts';
import { isHandle } from '../model/handle.ts';
import type { TimeClass } from '../model/time-class.ts';
import type { RpoEvidence } from '../model/objectives.ts';

export const OUTCOME_WORDS: Readonly<Record<RunOutcome, string>> = {
  succeeded: 'succeeded',
  failedVerification: 'ran to its end, but a verification failed',
  failed: 'failed',
  aborted: 'aborted',
};

/** How a run ended, in words; of a tabletop nothing succeeds. */
export function outcomeText({ mode, outcome }: Pick<RunSummary, 'mode' | 'outcome'>): string {
  if (outcome === undefined) return '';
  return outcome === 'succeeded' && !isEvidence(mode) ? 'talked through to its end' : OUTCOME_WORDS[outcome];
}

export const CLASS_WORDS: Readonly<Record<TimeClass, string>> = {
  machine: 'machine (at work)',
  human: 'human (waiting for people)',
  external: 'external (waiting for others)',
  retry: 'retry (pauses before another try)',
  down: 'down (paused, dead or asleep)',
};

export const EVIDENCE_WORDS: Readonly<Record<RpoEvidence, string>> = {
  heartbeat: 'the newest row that was recovered',
  reached: 'the moment that the restore reached',
  keys: 'database keys held against the bucket',
};

/** What was asked, as the operator saw it. */
export function gateTitle({ question, key }: Event<GateOpened>): string {
  const title = isJsonObject(question) ? question['title'] : undefined;
  return typeof title === 'string' && title !== '' ? title : key;
}

/** What was chosen or typed with an answer: of a question for an input, the input. Empty where nothing was. */
export function answeredValue(
  { inputs }: RunRecord,
  opened: Event<GateOpened>,
  answered: Event<GateAnswered> | undefined,
): string {
  if (answered === undefined) return '';
  if (answered.values !== undefined) return valueText(answered.values);
  const given = inputs.filter(
    ({ seq, type }) => type === 'input.answered' && seq > opened.seq && seq < answered.seq,
  );
  return given.map(({ name, value }) => `${name}: ${valueText(value)}`).join(', ');
}

/** What a repair of the journal found missing. */
export function whatWasLost({ seq, head }: Event<JournalRepaired>): string {
  if (head === undefined || head === null) return 'its head file was missing, so how much cannot be told';
  const events = head.seq === seq ? `event ${head.seq}` : `events ${seq} to ${head.seq}`;
  return `${events} of those that its head file named (sha256:${head.hash})`;
}

const PROOF_MEANING: Readonly<Record<CheckProved['verdict'], string>> = {
  red: 'it was red while the world was broken',
  green: 'it stayed green while the world was broken',
  notAimable: 'it cannot be aimed at the broken world',
};

export const proofMeaning = (verdict: CheckProved['verdict']): string => PROOF_MEANING[verdict];

export function inputText(input: InputAnswered | InputCorrected): string {
  const { scope, name, value } = input;
  const text = `${scope === '' ? name : `${scope}/${name}`} = ${valueText(value)}`;
  if (input.type === 'input.answered') return text;
  const done = input.done.length === 0 ? '' : `; done with that: ${input.done.join(', ')}`;
  return `${text}, corrected from ${valueText(input.before)}${done}`;
}

const SETTLED_WORDS: Readonly<Record<DebtSettled['how'], string>> = {
  settled: 'settled by a later step',
  paid: 'paid',
  void: 'void: a step after it cannot be taken back',
  declined: 'left open',
  failed: 'could not be paid',
};

/** What became of a debt. */
export function settledText(settled: DebtSettled | undefined): string {
  const how = settled === undefined ? 'still owed' : SETTLED_WORDS[settled.how];
  return `${how}${settled?.by === undefined ? '' : ` by ${settled.by}`}`;
}

/** A journaled value as a person reads it. */
export function valueText(json: Json): string {
  const value = decodeValue(json);
  if (value instanceof Instant || value instanceof Duration) return value.toString();
  if (typeof value === 'string') return oneLine(value);
  if (isValueList(value)) return value.map((item) => valueText(encodeValue(item))).join(', ');
  if (!isValueMap(value) || isHandle(value)) return oneLine(canonicalJson(encodeValue(value)));
  return Object.entries(value)
    .map(([name, member]) => `${name}: ${valueText(encodeValue(member))}`)
    .join(', ');
}

/** Where a run was. */
export const environmentText = ({ environment, world }: RunStarted): string =>
  `${environment.name} (${environment.kind})${world === undefined ? '' : `, the world ${world}`}`;
