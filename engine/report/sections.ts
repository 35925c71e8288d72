import type { Json } from '../base/json.ts';
import { canonicalJson } from '../base/json.ts';
import { decodeValue, encodeValue, isValueList, isValueMap } from '../base/value.ts';
import { Duration } from '../base/duration.ts';
import { Instant } from '../base/instant.ts';
import { isHandle } from '../model/handle.ts';
import type { InputCorrected } from '../model/flow-event.ts';
import type { CheckProved, DebtSettled, InputAnswered } from '../model/event.ts';
import type { RunRecord } from '../measure/record.ts';
import { owed } from '../measure/summary.ts';
import { paragraph } from '../base/layout.ts';
import { oneLine } from '../base/text.ts';
import type { Paint, Tone } from './style.ts';
import { dateTime, gateTitle } from './words.ts';

const PROOF_WORDS: Readonly<Record<CheckProved['verdict'], readonly [string, Tone]>> = {
  red: ['proven', 'good'],
  green: ['PROVES NOTHING', 'bad'],
  notAimable: ['not proven', 'dim'],
};

const PROOF_MEANING: Readonly<Record<CheckProved['verdict'], string>> = {
  red: 'it was red while the world was broken',
  green: 'it stayed green while the world was broken',
  notAimable: 'it cannot be aimed at the broken world',
};

export const proofMeaning = (verdict: CheckProved['verdict']): string => PROOF_MEANING[verdict];

export function describeChecks({ proofs }: RunRecord, width: number, paint: Paint): readonly string[] {
  return proofs.flatMap(({ title, verdict, reading }) => {
    const [word, tone] = PROOF_WORDS[verdict];
    const said = reading === '' ? '' : ` (${reading})`;
    const [first = '', ...rest] = paragraph(
      `  ${word.padEnd(14)}  `,
      `${title}: ${PROOF_MEANING[verdict]}${said}`,
      width,
    );
    return [first.replace(word, paint(tone, word)), ...rest];
  });
}

export function describeGates({ gates }: RunRecord, width: number): readonly string[] {
  return [...gates.values()].flatMap(({ opened, answered }) => {
    const head = `  ${dateTime(answered?.at ?? opened.at)}  `;
    if (answered === undefined) return paragraph(head, `${gateTitle(opened)}: not answered`, width);
    const because = answered.reason === undefined ? '' : `, because: ${answered.reason}`;
    return paragraph(head, `${gateTitle(opened)}: ${answered.answer}, by ${answered.by}${because}`, width);
  });
}

export function describeInputs({ inputs }: RunRecord, width: number): readonly string[] {
  return inputs.flatMap((input) => paragraph('  ', `${inputText(input)}, by ${input.by}`, width));
}

export function inputText(input: InputAnswered | InputCorrected): string {
  const { scope, name, value } = input;
  const text = `${scope === '' ? name : `${scope}/${name}`} = ${valueText(value)}`;
  if (input.type === 'input.answered') return text;
  const done = input.done.length === 0 ? '' : `; done with that: ${input.done.join(', ')}`;
  return `${text}, corrected from ${valueText(input.before)}${done}`;
}

/** What steps recorded as evidence; of what was recorded twice the last counts, and all is told. */
export function describeRecorded({ recorded }: RunRecord, width: number): readonly string[] {
  return recorded.flatMap(({ key, name, value }) =>
    paragraph('  ', `${name} = ${valueText(value)}, by ${key}`, width),
  );
}

const SETTLED_WORDS: Readonly<Record<DebtSettled['how'], string>> = {
  settled: 'settled by a later step',
  paid: 'paid',
  void: 'void: a step after it cannot be taken back',
  declined: 'left open',
  failed: 'could not be paid',
};

/** Only what is owed whatever happens: undos that no abort called for are no news. */
export function describeDebts(record: RunRecord, width: number, paint: Paint): readonly string[] {
  const open = owed(record);
  return [...record.debts.values()]
    .filter((debt) => debt.opened.due === 'exit' || debt.settled?.how === 'paid' || open.includes(debt))
    .flatMap((debt) => {
      const lines = paragraph('  ', `${debt.opened.title}: ${settledText(debt.settled)}`, width);
      return open.includes(debt) ? lines.map((line) => paint('bad', line)) : lines;
    });
}

/** What became of a debt. */
export function settledText(settled: DebtSettled | undefined): string {
  const how = settled === undefined ? 'still owed' : SETTLED_WORDS[settled.how];
  return `${how}${settled?.by === undefined ? '' : ` by ${settled.by}`}`;
}

/** What the environment's file has to say from now on. */
export function describeTargets({ rebound }: RunRecord, width: number): readonly string[] {
  const last = new Map(rebound.map(({ path, target }) => [path, target]));
  return [...last].flatMap(([path, target]) => paragraph('  ', `${path} is now ${valueText(target)}`, width));
}

/** Evidence that was copied, with what proves that it is still the same. */
export function describeAttachments(
  { attachments }: RunRecord,
  width: number,
  paint: Paint,
): readonly string[] {
  return attachments.flatMap(({ key, path, file, bytes, sha256, problem }) => {
    if (file === undefined) {
      return paragraph('  ', `${key}: ${path} is missing: ${problem ?? ''}`, width).map((line) =>
        paint('warn', line),
      );
    }
    return [
      ...paragraph('  ', `${key}: ${path} (${String(bytes ?? 0)} bytes) as files/${file}`, width),
      ...paragraph('    ', `SHA-256 ${sha256 ?? ''}`, width),
    ];
  });
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
