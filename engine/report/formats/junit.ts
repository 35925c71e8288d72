import { isLeftOut } from '../../measure/record.ts';
import type { StepRecord } from '../../measure/record.ts';
import { oneLine } from '../../base/text.ts';
import type { ReportData } from '../data.ts';
import { verdictText } from '../figures.ts';
import type { Judged } from '../figures.ts';
import { rfc3339 } from '../../base/human.ts';

interface Case {
  readonly suite: string;
  readonly name: string;
  readonly seconds: number;
  readonly result?: {
    readonly tag: 'failure' | 'error' | 'skipped';
    readonly message: string;
    readonly type?: string;
  };
}

/**
 * The report as CI servers read it: one suite for the objectives and what was proven, one for the steps.
 * An objective that is not met is a failure, one without evidence too. The form is the common ground of
 * Jenkins' junit-10.xsd and what GitHub actions, GitLab and Azure Pipelines take.
 */
export function junit(data: ReportData): string {
  const { summary } = data;
  const suites = [
    ['Objectives', objectiveCases(data)],
    ['Proven checks', proofCases(data)],
    ['Steps', stepCases(data)],
  ] as const;
  const all = suites.flatMap(([, cases]) => cases);
  const begun =
    summary.startedAt === undefined ? '' : ` timestamp="${rfc3339(summary.startedAt).slice(0, 19)}"`;
  const name = summary.playbook === '' ? 'drillbook' : summary.playbook;
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites name="${escaped(`${name} ${summary.run}`)}" ${counts(all)} time="${seconds(summary.elapsedMs / 1000)}">`,
    ...suites
      .filter(([, cases]) => cases.length > 0)
      .flatMap(([title, cases], index) => [
        `  <testsuite id="${index}" name="${escaped(`${name}: ${title}`)}" ${counts(cases)} skipped="${number(cases, 'skipped')}" time="${seconds(total(cases))}"${begun} hostname="${escaped(data.record.started?.host ?? '')}">`,
        ...cases.map(caseText),
        '  </testsuite>',
      ]),
    '</testsuites>',
    '',
  ].join('\n');
}

const number = (cases: readonly Case[], tag: string): number =>
  cases.filter(({ result }) => result?.tag === tag).length;

const counts = (cases: readonly Case[]): string =>
  `tests="${cases.length}" failures="${number(cases, 'failure')}" errors="${number(cases, 'error')}"`;

const total = (cases: readonly Case[]): number => cases.reduce((sum, each) => sum + each.seconds, 0);

const seconds = (value: number): string => Math.max(0, value).toFixed(3);

function caseText({ suite, name, seconds: took, result }: Case): string {
  const head = `    <testcase classname="${escaped(suite)}" name="${escaped(name)}" time="${seconds(took)}"`;
  if (result === undefined) return `${head}/>`;
  const type = result.type === undefined ? '' : ` type="${escaped(result.type)}"`;
  return `${head}>\n      <${result.tag} message="${escaped(result.message)}"${type}/>\n    </testcase>`;
}

const figures = ({ actualMs, targetMs, isAtLeast }: Judged): string | undefined =>
  actualMs === undefined
    ? undefined
    : `${isAtLeast === true ? 'at least ' : ''}${actualMs} ms against ${targetMs} ms`;

function objectiveCases({
  summary: { rto, rpo, outcome, state, reason, playbook },
}: ReportData): readonly Case[] {
  const suite = `${playbook}.objectives`;
  const judged = (name: string, found: Judged & { readonly reason?: string }): Case => ({
    suite,
    name,
    seconds: (found.actualMs ?? 0) / 1000,
    ...(found.verdict !== 'met' && {
      result: {
        tag: 'failure',
        type: found.verdict,
        message: `${verdictText(found)}: ${[figures(found), found.reason].filter((text) => text !== undefined).join('; ')}`,
      },
    }),
  });
  const ended: Case = {
    suite,
    name: 'The run ended well',
    seconds: 0,
    ...(outcome !== 'succeeded' && {
      result: {
        tag: outcome === undefined || outcome === 'failedVerification' ? 'failure' : 'error',
        type: outcome ?? state,
        message: reason ?? outcome ?? state,
      },
    }),
  };
  return [
    ended,
    ...(rto === undefined ? [] : [judged('RTO', rto)]),
    ...(rpo === undefined ? [] : [judged('RPO', rpo)]),
  ];
}

const proofCases = ({ record, summary }: ReportData): readonly Case[] =>
  record.proofs.map(({ title, verdict, reading }) => ({
    suite: `${summary.playbook}.checks`,
    name: title,
    seconds: 0,
    ...(verdict !== 'red' && {
      result:
        verdict === 'green'
          ? {
              tag: 'failure',
              type: 'green',
              message: `it stayed green while the world was broken: ${reading}`,
            }
          : { tag: 'skipped', message: 'it cannot be aimed at the broken world' },
    }),
  }));

function stepCases({ record, summary, time }: ReportData): readonly Case[] {
  const took = new Map(time.steps.map(({ key, micros }) => [key, micros / 1e6]));
  return [...record.steps.values()].map((step) => ({
    suite: `${summary.playbook}.steps`,
    name: step.title === step.key ? step.key : `${step.key}: ${step.title}`,
    seconds: took.get(step.key) ?? 0,
    ...resultOf(step, isLeftOut(record, step.key)),
  }));
}

function resultOf({ finished }: StepRecord, leftOut: boolean): Pick<Case, 'result'> {
  if (finished === undefined)
    return { result: { tag: 'error', type: 'unknown', message: 'its end is not known' } };
  const { outcome, conclusion, error, reason } = finished;
  const message = [error?.message, reason].filter((text) => text !== undefined && text !== '').join('; ');
  if (conclusion === 'failed' && leftOut)
    return { result: { tag: 'skipped', message: `left out: ${message || outcome}` } };
  if (conclusion === 'failed')
    return { result: { tag: 'failure', type: error?.code ?? outcome, message: message || outcome } };
  if (outcome === 'skipped' || outcome === 'declined')
    return { result: { tag: 'skipped', message: message || outcome } };
  return {};
}

/** XML 1.0 knows no way to write control characters: they are gone after `oneLine`. */
const escaped = (text: string): string =>
  oneLine(text)
    .replaceAll(
      /[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]|[\ufffe\uffff]/g,
      '\ufffd',
    )
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
