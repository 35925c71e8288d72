import { humanDuration, count, dateTime } from '../../base/human.ts';
import { padLeft, paragraph, table, columns } from '../../base/layout.ts';
import { oneLine } from '../../base/text.ts';
import type { JournalProof, ReportData } from '../data.ts';
import {
  describeAttachments,
  describeChecks,
  describeDebts,
  describeGates,
  describeInjects,
  describeInputs,
  describeRecorded,
  describeSaid,
  describeTargets,
} from './text-sections.ts';
import { proposalText } from '../proposals.ts';
import type { Paint } from '../style.ts';
import { paintWith } from '../style.ts';
import { timeSection } from './text-time.ts';
import { sinceOrigin, timelineOrigin } from '../timeline.ts';
import { environmentText, outcomeText } from '../labels.ts';
import { isEvidence } from '../../model/mode.ts';
import { figureText, verdictText } from '../figures.ts';
import type { Judged } from '../figures.ts';
import { limitsOf } from '../limits.ts';
import { lossWindow, rowsLostText, rpoHow } from '../loss-window.ts';
import { rtaWindow } from '../rta-window.ts';

const NARROWEST = 40;
const WIDEST = 120;
const UNKNOWN_WIDTH = 100;

export interface TextOptions {
  /** Columns; 100 when it does not go to a terminal. */
  readonly width?: number | undefined;
  /** Only what decides: objectives, findings, where the time went. */
  readonly brief?: boolean;
  /** Colour codes; none unless asked. */
  readonly color?: boolean;
  /** What the store says of the journal, to be printed as proof. */
  readonly journal?: JournalProof;
}

/** Without a line end after the last line. */
export function textReport(data: ReportData, options: TextOptions): string {
  const width = Math.min(WIDEST, Math.max(NARROWEST, options.width ?? UNKNOWN_WIDTH));
  const paint = paintWith(options.color === true);
  const section = (title: string, lines: readonly string[]): readonly string[] =>
    lines.length === 0 ? [] : ['', paint('bold', title.toUpperCase()), ...lines];
  const { record } = data;
  const verdict = [
    ...header(data, width, paint),
    ...section('Objectives', objectives(data, width, paint)),
    ...section('Findings', findings(data, width, paint)),
    ...section('Proposed changes of the playbook', proposed(data, width)),
    ...section('Where the time went', timeSection(data, width)),
  ];
  // What a tabletop comes to is what people said.
  const said = [
    ...section('Injects', describeInjects(record, width)),
    ...section('Questions and answers', describeGates(record, width)),
    ...section('Inputs', describeInputs(record, width)),
  ];
  const notes = section(
    'Notes',
    record.notes.flatMap(({ at, by, text }) => paragraph(`  ${dateTime(at)}  ${oneLine(by)}: `, text, width)),
  );
  if (options.brief === true) {
    return [...verdict, ...(isEvidence(data.summary.mode) ? [] : [...said, ...notes])].join('\n');
  }
  return [
    ...verdict,
    ...section(`Timeline ${timelineOrigin(data.summary).words}`, timeline(data, width, paint)),
    ...section('What failed steps had said', describeSaid(record, width)),
    ...section('Checks proven in the broken world', describeChecks(record, width, paint)),
    ...said,
    ...section('Recorded', describeRecorded(record, width)),
    ...section('Debts', describeDebts(record, width, paint)),
    ...section('Targets that were replaced', describeTargets(record, width)),
    ...section('Attachments', describeAttachments(record, width, paint)),
    ...notes,
    ...section('Evidence', evidence(data, options, width)),
  ].join('\n');
}

function header({ record, summary }: ReportData, width: number, paint: Paint): readonly string[] {
  const { started, resumes } = record;
  const title = oneLine(summary.title === '' ? 'A run without a beginning' : summary.title);
  const operators = [...new Set([summary.operator, ...resumes.map(({ operator }) => operator)])].join(', ');
  const rows: readonly (readonly [string, string | undefined])[] = [
    ['Run', [summary.run, summary.mode, summary.playbook].filter((text) => text !== '').join(' · ')],
    ['Rehearsal', started?.rehearsal],
    ['Reason', started?.reason],
    ['Environment', started === undefined ? undefined : environmentText(started)],
    [
      'Operator',
      started === undefined
        ? undefined
        : `${operators} on ${started.host}${summary.unattended ? ', unattended' : ''}`,
    ],
    ['Started', summary.startedAt === undefined ? undefined : dateTime(summary.startedAt)],
    ['Ended', ended({ summary })],
  ];
  const known = rows.flatMap(([name, text]) =>
    text === undefined || text === '' ? [] : [[name, text] as const],
  );
  return [
    paint('bold', title),
    ...outcomeLine({ summary }, width, paint),
    '',
    ...table(known, { width, indent: '  ' }),
  ];
}

function outcomeLine(
  { summary }: Pick<ReportData, 'summary'>,
  width: number,
  paint: Paint,
): readonly string[] {
  const { outcome, reason, state, exitCode } = summary;
  const because = reason === undefined ? '' : `: ${reason}`;
  const text =
    outcome === undefined ? `${state}, not at its end${because}` : `${outcomeText(summary)}${because}`;
  const tone = exitCode === 0 ? 'good' : exitCode === 130 || outcome === 'succeeded' ? 'warn' : 'bad';
  const missed =
    outcome === 'succeeded' && exitCode === 1 ? ', but not every objective is shown to be met' : '';
  return paragraph('', text + missed, width).map((line) => paint(tone, line));
}

function ended({ summary }: Pick<ReportData, 'summary'>): string | undefined {
  const { lastAt, elapsedMs, outcome } = summary;
  if (lastAt === undefined) return undefined;
  return `${dateTime(lastAt)}${outcome === undefined ? ', the last that is known' : ''} (${humanDuration(elapsedMs)})`;
}

function objectives({ record, time, summary }: ReportData, width: number, paint: Paint): readonly string[] {
  const { rto, rpo, loss, uncounted } = summary;
  const rows: (readonly string[])[] = [['', 'target', 'actual', 'verdict', 'evidence']];
  if (rto !== undefined) {
    const how = `${realText(rto)}${rto.from} to ${rto.to}${because(rto.reason)}`;
    rows.push(['RTO', humanDuration(rto.targetMs), figureText(rto), rto.verdict, how]);
  }
  if (rpo !== undefined) {
    rows.push([
      'RPO',
      humanDuration(rpo.targetMs),
      figureText(rpo),
      rpo.verdict,
      `${realText(rpo)}${rpoHow(rpo)}`,
    ]);
  }
  if (!isEvidence(summary.mode)) return ['  Tabletop: nothing was measured.'];
  const lines = rows.length === 1 ? ['  The playbook names none.'] : table(rows, { width, indent: '  ' });
  const painted = lines.map((line) =>
    line.replace(/ (met|missed|unproven) /, (word) => paint(word === ' met ' ? 'good' : 'bad', word)),
  );
  const about: readonly (readonly [string, string | undefined])[] = [
    ['RTA', rtaWindow(rto)],
    ['Loss window', lossWindow(rpo)],
    ['Rows lost', rowsLostText(loss, uncounted)],
    ...limitsOf(record, time, summary).map(
      ({ figure, text }) => [`Not covered by the ${figure}`, text] as const,
    ),
  ];
  return [
    ...painted,
    ...about.flatMap(([name, text]) => (text === undefined ? [] : paragraph(`  ${name}: `, text, width))),
  ];
}

/** Where only the sandbox met it; the table's verdict is one word. */
const realText = (judged: Judged): string =>
  verdictText(judged) === judged.verdict ? '' : `${verdictText(judged)}; `;

const because = (reason: string | undefined): string => (reason === undefined ? '' : `: ${reason}`);

const SIGNS = { bad: '✗', warn: '!', info: '·' } as const;

function findings({ findings: all }: ReportData, width: number, paint: Paint): readonly string[] {
  if (all.length === 0) return ['  Nothing to look at.'];
  return all.flatMap(({ level, text }) => {
    const [first = '', ...rest] = paragraph(`  ${SIGNS[level]} `, text, width);
    const sign = level === 'info' ? SIGNS.info : paint(level, SIGNS[level]);
    return [`  ${sign}${first.slice(3)}`, ...rest];
  });
}

/** A review's date alone is no news. */
function proposed({ proposals, summary }: ReportData, width: number): readonly string[] {
  if (proposals.every(({ type }) => type === 'reviewed')) return [];
  return [
    ...proposals.flatMap((proposal) => paragraph('  · ', proposalText(proposal), width)),
    ...paragraph('  ', `As a diff of the file: drillbook improve ${summary.run}`, width),
  ];
}

function timeline(data: ReportData, width: number, paint: Paint): readonly string[] {
  const origin = timelineOrigin(data.summary).at;
  const clock = data.timeline.map(({ at }) => sinceOrigin((at - origin) / 1000));
  const widest = Math.max(0, ...clock.map(columns));
  const kinds = Math.max(0, ...data.timeline.map(({ kind }) => kind.length));
  return data.timeline.flatMap(({ kind, text, tone }, index) => {
    const head = `  ${padLeft(clock[index] ?? '', widest)}  ${kind.padEnd(kinds)}  `;
    const lines = paragraph(head, text, width);
    if (kind === 'phase') return lines.map((line) => paint('bold', line));
    return tone === undefined ? lines : lines.map((line) => paint(tone, line));
  });
}

function evidence({ record }: ReportData, { journal }: TextOptions, width: number): readonly string[] {
  const { started } = record;
  const rows: (readonly string[])[] = (started?.sources ?? []).map(({ role, path, sha256 }) => [
    role,
    `${oneLine(path)} sha256:${sha256}`,
  ]);
  if (started !== undefined) rows.push(['engine', `drillbook ${started.engine}`]);
  if (journal !== undefined) {
    const end = journal.sealed ? 'sealed' : 'not sealed';
    const whole = journal.ok ? 'unaltered' : 'ALTERED';
    rows.push([
      'journal',
      `${count(journal.events, 'event')}, ${whole}, ${end}, head sha256:${journal.head}`,
    ]);
    const { problem } = journal;
    if (problem !== undefined) rows.push(['ALTERED', `line ${problem.line}: ${problem.message}`]);
    if (journal.struck.length > 0)
      rows.push(['struck out', `payloads of events ${journal.struck.join(', ')}`]);
  }
  return table(rows, { width, indent: '  ' });
}
