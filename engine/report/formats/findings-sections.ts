import type { NotedFinding } from '../../measure/noted-findings.ts';
import type { ReportData } from '../data.ts';
import { dayText } from '../measured.ts';
import { cell } from './section.ts';
import type { Section } from './section.ts';

const LEVELS = { bad: 'not achieved', warn: 'look at it', info: 'to know' } as const;

/** What the run shows by itself. */
export const findings = ({ findings: all }: ReportData): Section => ({
  title: 'Findings',
  table: {
    head: ['', 'Finding'],
    rows: all.map(({ level, text }) => [cell(LEVELS[level], level), cell(text)]),
  },
  tasks: all.map(({ level }) => (level === 'info' ? 'none' : 'open')),
});

/** What somebody found in it after it had ended. */
export const toSeeTo = (noted: readonly NotedFinding[]): Section => ({
  title: 'To be seen to',
  table: {
    head: ['', 'What', 'Who', 'By'],
    rows: noted.map(({ id, text, owner, due, done }) => [
      cell(done === undefined ? `open, finding ${String(id)}` : 'done', done === undefined ? 'warn' : 'good'),
      cell(text),
      cell(owner),
      cell(done === undefined ? `due ${due}` : `done on ${dayText(done.at)} by ${done.by}`),
    ]),
  },
  tasks: noted.map(({ done }) => (done === undefined ? 'open' : 'done')),
});
