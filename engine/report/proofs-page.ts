import { count, dateTime, humanDuration } from '../base/human.ts';
import { oneLine } from '../base/text.ts';
import type { CheckVerdict, Proof, ProvenCheck } from '../measure/proof.ts';
import { CHECK_VERDICTS } from '../measure/proof.ts';
import type { ReportDocument } from './formats/document.ts';
import { cell } from './formats/section.ts';
import type { DocumentTone, Section } from './formats/section.ts';
import { documentPage } from './page/document-page.ts';

/** A backup, with what its newest proof found; one that was never proven has none. */
export interface ShownBackup {
  readonly name: string;
  readonly title: string;
  readonly proof: Proof | undefined;
}

const CHECK_TONES: Readonly<Record<CheckVerdict, DocumentTone>> = {
  proven: 'good',
  unproven: 'warn',
  failed: 'bad',
  skipped: 'info',
};

const WORDS: Readonly<Record<Proof['verdict'], readonly [word: string, tone: DocumentTone]>> = {
  proven: ['proven', 'good'],
  notProven: ['NOT PROVEN', 'bad'],
  unfinished: ['UNFINISHED', 'bad'],
};

/** The scorecard as one page, with the worst first. `now`: microseconds since the epoch. */
export const proofsPage = (backups: readonly ShownBackup[], now: number): string =>
  documentPage(proofsDocument(backups, now));

function proofsDocument(backups: readonly ShownBackup[], now: number): ReportDocument {
  const proven = backups.filter(({ proof }) => proof?.verdict === 'proven').length;
  const ordered = backups.toSorted((one, other) => rank(one) - rank(other));
  const starts = backups.flatMap(({ proof }) => proof?.startedAt ?? []);
  return {
    title: 'Backups, as they were proven',
    verdict: cell(
      `${String(proven)} of ${count(backups.length, 'backup')} proven`,
      proven === backups.length ? 'good' : 'bad',
    ),
    facts: [
      ['As of', dateTime(now)],
      ...(starts.length === 0
        ? []
        : ([['Oldest', `proof of ${dateTime(Math.min(...starts))}`]] satisfies ReportDocument['facts'])),
    ],
    sections: [
      overview(ordered, now),
      ...ordered.flatMap(({ proof }) => (proof === undefined ? [] : [card(proof)])),
    ],
  };
}

/** Whoever looks at the page looks for what is wrong. */
function rank({ proof }: ShownBackup): number {
  if (proof === undefined) return 2;
  return { notProven: 0, unfinished: 1, proven: 3 }[proof.verdict];
}

const overview = (backups: readonly ShownBackup[], now: number): Section => ({
  title: 'All backups',
  table: {
    head: ['Verdict', 'Backup', 'Checks', 'When'],
    rows: backups.map(({ title, proof }) => {
      if (proof === undefined) return [cell('never proven', 'bad'), cell(title), cell('–'), cell('–')];
      const [word, tone] = WORDS[proof.verdict];
      return [
        cell(word, tone),
        cell(title),
        cell(tally(proof.checks)),
        cell(
          `${dateTime(proof.startedAt)}, ${humanDuration((now - proof.startedAt) / 1000)} ago, in ${humanDuration(proof.elapsedMs)}`,
        ),
      ];
    }),
  },
});

/** `9 proven, 2 skipped`: what is not there is not said. */
const tally = (checks: readonly ProvenCheck[]): string =>
  CHECK_VERDICTS.flatMap((verdict) => {
    const number = checks.filter((check) => check.verdict === verdict).length;
    return number === 0 ? [] : [`${String(number)} ${verdict}`];
  }).join(', ');

const card = ({ title, run, reason, checks, startedAt }: Proof): Section => ({
  title,
  note: `${reason === undefined ? '' : `It did not come to its end: ${oneLine(reason)}. `}Evidence: drillbook report ${run}, begun at ${dateTime(startedAt)}.`,
  table: {
    head: ['Verdict', 'Check', 'What was seen', 'Broken copy'],
    rows: checks.map(({ verdict, title: asked, reading, shownRed }) => [
      cell(verdict, CHECK_TONES[verdict]),
      cell(asked),
      cell(reading, verdict === 'failed' ? 'bad' : undefined),
      cell(
        shownRed === undefined ? 'not asked' : shownRed ? 'red' : 'green',
        shownRed === false ? 'warn' : undefined,
      ),
    ]),
  },
});
