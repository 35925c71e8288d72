import type { JsonObject } from '../base/json.ts';
import { count, humanDuration, rfc3339 } from '../base/human.ts';
import { paragraph } from '../base/layout.ts';
import { oneLine } from '../base/text.ts';
import type { CheckVerdict, Proof, ProvenCheck } from '../measure/proof.ts';
import { output } from './output.ts';
import { paintWith } from './style.ts';
import type { Tone } from './style.ts';

const TONES: Readonly<Record<CheckVerdict, Tone | undefined>> = {
  proven: 'good',
  unproven: 'warn',
  failed: 'bad',
  skipped: undefined,
};

/** The column of what was seen: below the title, and a little further in. */
const READING_AT = 12;

const WORDS: Readonly<Record<Proof['verdict'], readonly [word: string, tone: Tone]>> = {
  proven: ['PROVEN', 'good'],
  notProven: ['NOT PROVEN', 'bad'],
  unfinished: ['UNFINISHED', 'bad'],
};

/** The scorecard: every check of every backup, what was seen, and how they stand together. */
export function proofsText(
  proofs: readonly Proof[],
  { color, width }: { readonly color: boolean; readonly width: number },
): string {
  const paint = paintWith(color);
  const cards = proofs.map((proof) => {
    const [word, tone] = WORDS[proof.verdict];
    const head = `${paint(tone, word)}  ${paint('bold', oneLine(proof.title))}  (${proof.run}, ${humanDuration(proof.elapsedMs)})`;
    const why = proof.reason === undefined ? [] : [`  ${paint('bad', oneLine(proof.reason))}`];
    return [head, ...why, ...proof.checks.flatMap((check) => checkLines(check, width, paint))].join('\n');
  });
  return [...cards, summaryText(proofs)].join('\n\n');
}

function checkLines(
  { verdict, title, reading, shownRed }: ProvenCheck,
  width: number,
  paint: ReturnType<typeof paintWith>,
): readonly string[] {
  const tone = TONES[verdict];
  const word = verdict.padEnd(8);
  const red = verdict === 'proven' && shownRed === true ? '; red on a broken copy' : '';
  return [
    `  ${tone === undefined ? word : paint(tone, word)}  ${oneLine(title)}`,
    ...paragraph(' '.repeat(READING_AT), `${oneLine(reading)}${red}`, width),
  ];
}

function summaryText(proofs: readonly Proof[]): string {
  const of = (verdict: Proof['verdict']): number =>
    proofs.filter((proof) => proof.verdict === verdict).length;
  const rest = [
    ...(of('notProven') > 0 ? [`${of('notProven')} not`] : []),
    ...(of('unfinished') > 0 ? [`${of('unfinished')} not carried to the end`] : []),
  ];
  const backups = count(proofs.length, 'backup');
  return `${of('proven')} of ${backups} proven${rest.length === 0 ? '' : `, ${rest.join(', ')}`}.`;
}

/** For programs; its form is `schemas/output/proofs.schema.json`. */
export const proofsJson = (proofs: readonly Proof[]): JsonObject =>
  output('proofs', {
    proven: proofs.every(({ verdict }) => verdict === 'proven'),
    backups: proofs.map(({ startedAt, elapsedMs, checks, ...proof }) => ({
      ...proof,
      startedAt: rfc3339(startedAt),
      elapsedMs: Math.round(elapsedMs),
      checks: checks.map((check) => ({ ...check })),
    })),
  });
