import type { CheckProved } from '../../model/event.ts';
import { injectsOf } from '../injects.ts';
import { saidBy } from '../../model/people.ts';
import type { RunRecord } from '../../measure/record.ts';
import { owed } from '../../measure/summary.ts';
import { paragraph } from '../../base/layout.ts';
import type { Paint, Tone } from '../style.ts';
import { dateTime } from '../../base/human.ts';
import { oneLine } from '../../base/text.ts';
import { saidByFailed } from '../said.ts';
import { gateTitle, inputText, proofMeaning, settledText, valueText } from '../labels.ts';

const PROOF_WORDS: Readonly<Record<CheckProved['verdict'], readonly [string, Tone]>> = {
  red: ['proven', 'good'],
  green: ['PROVES NOTHING', 'bad'],
  notAimable: ['not proven', 'dim'],
};

export function describeChecks({ proofs }: RunRecord, width: number, paint: Paint): readonly string[] {
  return proofs.flatMap(({ title, verdict, reading }) => {
    const [word, tone] = PROOF_WORDS[verdict];
    const said = reading === '' ? '' : ` (${reading})`;
    const [first = '', ...rest] = paragraph(
      `  ${word.padEnd(14)}  `,
      `${title}: ${proofMeaning(verdict)}${said}`,
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
    return paragraph(
      head,
      `${gateTitle(opened)}: ${answered.answer}, by ${saidBy(answered)}${because}`,
      width,
    );
  });
}

/** What surprised people, and what they decided next. */
export function describeInjects(record: RunRecord, width: number): readonly string[] {
  return injectsOf(record).flatMap(({ event, text, decided }) => [
    ...paragraph(`  ${dateTime(event.at)}  `, text, width),
    ...paragraph('    ', `Next: ${decided ?? 'nothing was decided'}`, width),
  ]);
}

export function describeSaid(record: RunRecord, width: number): readonly string[] {
  return saidByFailed(record).flatMap(({ title, lines }) => [
    ...paragraph('  ', title, width),
    ...lines.flatMap((line) => paragraph('    | ', oneLine(line), width)),
  ]);
}

export function describeInputs({ inputs }: RunRecord, width: number): readonly string[] {
  return inputs.flatMap((input) => paragraph('  ', `${inputText(input)}, by ${input.by}`, width));
}

/** What steps recorded as evidence; of what was recorded twice the last counts, and all is told. */
export function describeRecorded({ recorded }: RunRecord, width: number): readonly string[] {
  return recorded.flatMap(({ key, name, value }) =>
    paragraph('  ', `${name} = ${valueText(value)}, by ${key}`, width),
  );
}

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
