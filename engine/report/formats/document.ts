import { humanDuration, count, dateTime } from '../../base/human.ts';
import type { Verdict } from '../../measure/verdict.ts';
import { TIME_CLASSES } from '../../model/time-class.ts';
import { isEvidence } from '../../model/mode.ts';
import { saidBy } from '../../model/people.ts';
import { oneLine } from '../../base/text.ts';
import { cell } from './section.ts';
import type { Cell, DocumentTone, Section } from './section.ts';
import { deviations } from './deviations.ts';
import { findings, toSeeTo } from './findings-sections.ts';
import { injects } from './injects-section.ts';
import { proposalText } from '../proposals.ts';
import type { JournalProof, ReportData } from '../data.ts';
import {
  inputText,
  proofMeaning,
  settledText,
  valueText,
  CLASS_WORDS,
  OUTCOME_WORDS,
  answeredValue,
  gateTitle,
  environmentText,
  outcomeText,
} from '../labels.ts';
import { figureText, verdictText } from '../figures.ts';
import type { Judged } from '../figures.ts';
import { limitsOf } from '../limits.ts';
import { lossWindow, rowsLostText, rpoHow } from '../loss-window.ts';
import type { NotedFinding } from '../../measure/noted-findings.ts';
import { rtaWindow } from '../rta-window.ts';
import { saidByFailed } from '../said.ts';
import { sinceOrigin, timelineOrigin } from '../timeline.ts';

/** The report for readers of pages: what stands where, without how it looks. */
export interface ReportDocument {
  readonly title: string;
  readonly verdict: Cell;
  readonly facts: readonly (readonly [string, string])[];
  readonly sections: readonly Section[];
}

/** `noted`: what somebody found in it after it had ended. */
export function documentOf(
  data: ReportData,
  journal: JournalProof | undefined,
  noted: readonly NotedFinding[] = [],
): ReportDocument {
  const { record, summary } = data;
  const { started, resumes } = record;
  const operators = [...new Set([summary.operator, ...resumes.map(({ operator }) => operator)])].join(', ');
  const facts: readonly (readonly [string, string | undefined])[] = [
    ['Run', summary.run],
    [
      'What',
      `${summary.mode} of ${summary.playbook}${started?.rehearsal === undefined ? '' : `, rehearsal ${started.rehearsal}`}`,
    ],
    ['Environment', started === undefined ? undefined : environmentText(started)],
    ['Reason', started?.reason],
    [
      'Operator',
      started === undefined
        ? undefined
        : `${operators} on ${started.host}${summary.unattended ? ', unattended' : ''}`,
    ],
    ['Started', summary.startedAt === undefined ? undefined : dateTime(summary.startedAt)],
    [
      'Ended',
      summary.outcome === undefined || summary.lastAt === undefined ? undefined : dateTime(summary.lastAt),
    ],
    ['Took', humanDuration(summary.elapsedMs)],
  ];
  return {
    title: oneLine(summary.title === '' ? 'A run without a beginning' : summary.title),
    verdict: verdictOf(data),
    facts: facts.flatMap(([name, text]) =>
      text === undefined || text === '' ? [] : [[name, oneLine(text)] as const],
    ),
    sections: [
      objectives(data),
      findings(data),
      toSeeTo(noted),
      proposed(data),
      deviations(data),
      classes(data),
      phases(data),
      shortened(data),
      timeline(data),
      said(data),
      checks(data),
      injects(data),
      questions(data),
      inputs(data),
      recorded(data),
      debts(data),
      attachments(data),
      notes(data),
      evidence(data, journal),
    ].filter(({ table }) => table.rows.length > 0),
  };
}

function verdictOf({ summary }: ReportData): Cell {
  const { mode, outcome, reason, state, exitCode } = summary;
  const because = reason === undefined ? '' : `: ${reason}`;
  if (outcome === undefined) return cell(`${state}, not at its end${because}`, 'warn');
  if (!isEvidence(mode) && outcome === 'succeeded') {
    return cell(`${outcomeText(summary)}: a tabletop, at which nothing was measured`);
  }
  if (outcome !== 'succeeded') return cell(`${OUTCOME_WORDS[outcome]}${because}`, 'bad');
  return exitCode === 0
    ? cell('succeeded, every objective met', 'good')
    : cell('succeeded, but not every objective is shown to be met', 'warn');
}

const VERDICT_TONES: Readonly<Record<Verdict, DocumentTone>> = {
  met: 'good',
  missed: 'bad',
  unproven: 'bad',
};

function objectives({ record, time, summary }: ReportData): Section {
  const { rto, rpo, loss, uncounted } = summary;
  const row = (name: string, objective: Judged, how: string): readonly Cell[] => [
    cell(name),
    cell(humanDuration(objective.targetMs)),
    cell(figureText(objective)),
    cell(verdictText(objective), VERDICT_TONES[objective.verdict]),
    cell(how),
  ];
  const because = (reason: string | undefined): string => (reason === undefined ? '' : `: ${reason}`);
  const rows = [
    ...(rto === undefined ? [] : [row('RTO', rto, `${rto.from} to ${rto.to}${because(rto.reason)}`)]),
    ...(rpo === undefined ? [] : [row('RPO', rpo, rpoHow(rpo))]),
  ];
  const about: readonly (readonly [string, string | undefined])[] = [
    ['RTA', rtaWindow(rto)],
    ['Loss window', lossWindow(rpo)],
    ['Rows lost', rowsLostText(loss, uncounted)],
    ...limitsOf(record, time, summary).map(
      ({ figure, text }) => [`Not covered by the ${figure}`, text] as const,
    ),
  ];
  const notes = about.flatMap(([name, text]) => (text === undefined ? [] : [`${name}: ${text}`]));
  return {
    title: 'Objectives',
    ...(notes.length > 0 && { note: notes.join(' ') }),
    table: { head: ['', 'Target', 'Actual', 'Verdict', 'Evidence'], rows },
  };
}

/** Waits for providers that this environment shortens. */
const shortened = ({ record, time: { modelled } }: ReportData): Section => ({
  title: 'Real waits that the sandbox shortened',
  table: {
    head: ['Step', 'Wait', 'Here', 'In the real world', 'As said by'],
    rows: modelled.map(({ key, reason, actualMicros, modelledMicros, source }) =>
      [
        record.steps.get(key)?.title ?? key,
        reason,
        humanDuration(actualMicros / 1000),
        humanDuration(modelledMicros / 1000),
        source ?? '',
      ].map((text) => cell(text)),
    ),
  },
});

/** A review's date alone is no news. */
const proposed = ({ proposals, summary }: ReportData): Section => ({
  title: 'Proposed changes of the playbook',
  note: `As a diff of the file: drillbook improve ${summary.run}`,
  table: {
    head: ['Change'],
    rows: proposals.every(({ type }) => type === 'reviewed')
      ? []
      : proposals.map((proposal) => [cell(proposalText(proposal))]),
  },
});

function classes({ time: { classes: spent, totalMicros } }: ReportData): Section {
  const rows = TIME_CLASSES.filter((name) => spent[name] > 0).map((name) =>
    shareRow(CLASS_WORDS[name], spent[name], totalMicros),
  );
  if (rows.length > 1) rows.push(shareRow('altogether', totalMicros, totalMicros));
  return {
    title: 'Where the time went',
    note: `${humanDuration(totalMicros / 1000)} altogether, from the start of the run to its end, set-up included.`,
    table: { head: ['', 'Time', 'Share'], rows },
  };
}

const phases = ({ time: { phases: all, totalMicros }, phaseTitles }: ReportData): Section => ({
  title: 'By phase',
  table: {
    head: ['Phase', 'Time', 'Share'],
    rows: [
      ...all.map(({ key, title, micros }) => shareRow(phaseTitles.get(key) ?? title, micros, totalMicros)),
      ...(all.length > 1 ? [shareRow('altogether', totalMicros, totalMicros)] : []),
    ],
  },
});

function shareRow(name: string, micros: number, total: number): readonly Cell[] {
  const share = total === 0 ? 0 : micros / total;
  return [cell(name), cell(humanDuration(micros / 1000)), { ...cell(`${Math.round(share * 100)}%`), share }];
}

function timeline(data: ReportData): Section {
  const origin = timelineOrigin(data.summary);
  const rows = data.timeline.map(({ at, kind, text, tone }) => [
    cell(sinceOrigin((at - origin.at) / 1000)),
    cell(kind),
    cell(text, tone),
  ]);
  return { title: `Timeline ${origin.words}`, table: { head: ['At', '', 'What'], rows } };
}

const said = ({ record }: ReportData): Section => ({
  title: 'What failed steps had said',
  table: {
    head: ['Step', 'Said'],
    rows: saidByFailed(record).flatMap(({ title, lines }) =>
      lines.map((line, index) => [cell(index === 0 ? title : ''), cell(line)]),
    ),
  },
});

const PROOF_TONES = { red: 'good', green: 'bad', notAimable: 'warn' } as const;

const checks = ({ record }: ReportData): Section => ({
  title: 'Checks proven in the broken world',
  table: {
    head: ['Check', 'Proof', 'Reading'],
    rows: record.proofs.map(({ title, verdict, reading }) => [
      cell(title),
      cell(proofMeaning(verdict), PROOF_TONES[verdict]),
      cell(reading),
    ]),
  },
});

const questions = ({ record }: ReportData): Section => ({
  title: 'Questions and answers',
  table: {
    head: ['When', 'Question', 'Answer', 'Value', 'By', 'Reason'],
    rows: [...record.gates.values()].map(({ opened, answered }) =>
      [
        dateTime(answered?.at ?? opened.at),
        gateTitle(opened),
        answered?.answer ?? 'not answered',
        answeredValue(record, opened, answered),
        answered === undefined ? '' : saidBy(answered),
        answered?.reason ?? '',
      ].map((text) => cell(text)),
    ),
  },
});

const inputs = ({ record }: ReportData): Section => ({
  title: 'Inputs',
  table: {
    head: ['Input', 'By'],
    rows: record.inputs.map((input) => [cell(inputText(input)), cell(input.by)]),
  },
});

const recorded = ({ record }: ReportData): Section => ({
  title: 'Recorded',
  table: {
    head: ['What', 'Value', 'By'],
    rows: record.recorded.map(({ key, name, value }) => [cell(name), cell(valueText(value)), cell(key)]),
  },
});

const attachments = ({ record }: ReportData): Section => ({
  title: 'Attachments',
  table: {
    head: ['Of', 'File', 'Bytes', 'SHA-256'],
    rows: record.attachments.map(({ key, path, file, bytes, sha256, problem }) =>
      file === undefined
        ? [cell(key), cell(`${path} is missing: ${problem ?? ''}`, 'warn'), cell(''), cell('')]
        : [
            cell(key),
            cell(`${path} as files/${file}`),
            cell(String(bytes ?? 0)),
            { text: sha256 ?? '', code: true },
          ],
    ),
  },
});

const debts = ({ record }: ReportData): Section => ({
  title: 'Debts',
  table: {
    head: ['Owed by', 'What became of it'],
    rows: [...record.debts.values()]
      .filter(({ opened }) => opened.due === 'exit')
      .map(({ opened, settled }) => [cell(opened.title), cell(settledText(settled))]),
  },
});

const notes = ({ record }: ReportData): Section => ({
  title: 'Notes',
  table: {
    head: ['When', 'By', 'Note'],
    rows: [
      ...record.notes.map(({ at, by, text }) => [cell(dateTime(at)), cell(by), cell(text)]),
      ...record.rebound.map(({ at, path, target }) => [
        cell(dateTime(at)),
        cell('drillbook'),
        cell(`${path} is now ${valueText(target)}`),
      ]),
    ],
  },
});

function evidence({ record: { started } }: ReportData, journal: JournalProof | undefined): Section {
  const code = (text: string): Cell => ({ text, code: true });
  const rows = (started?.sources ?? []).map(({ role, path, sha256 }) => [
    cell(role),
    cell(path),
    code(`sha256:${sha256}`),
  ]);
  if (started !== undefined) rows.push([cell('engine'), cell(`drillbook ${started.engine}`), cell('')]);
  if (journal !== undefined) {
    const whole = journal.ok
      ? cell(
          `${count(journal.events, 'event')}, unaltered, ${journal.sealed ? 'sealed' : 'not sealed'}`,
          'good',
        )
      : cell(`${count(journal.events, 'event')}, ALTERED`, 'bad');
    rows.push([cell('journal'), whole, code(`sha256:${journal.head}`)]);
    const { problem } = journal;
    if (problem !== undefined)
      rows.push([cell('ALTERED', 'bad'), cell(`line ${problem.line}: ${problem.message}`), cell('')]);
    if (journal.struck.length > 0)
      rows.push([cell('struck out'), cell(`payloads of events ${journal.struck.join(', ')}`), cell('')]);
  }
  return { title: 'Evidence', table: { head: ['', 'What', 'Digest'], rows } };
}
