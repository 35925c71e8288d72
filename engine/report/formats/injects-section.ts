import { dateTime } from '../../base/human.ts';
import type { ReportData } from '../data.ts';
import { injectsOf } from '../injects.ts';
import { cell } from './section.ts';
import type { Section } from './section.ts';

/** What surprised people, and what they decided next. */
export const injects = ({ record }: ReportData): Section => ({
  title: 'Injects',
  table: {
    head: ['When', 'What', 'Decided next'],
    rows: injectsOf(record).map(({ event, text, decided }) =>
      [dateTime(event.at), text, decided ?? 'nothing'].map((each) => cell(each)),
    ),
  },
});
