import { dateTime } from '../../base/human.ts';
import type { StepRecord } from '../../measure/record.ts';
import type { ReportData } from '../data.ts';
import { OVERRIDES } from '../findings.ts';
import { cell } from './section.ts';
import type { Section } from './section.ts';

/** Where the run went another way than its playbook says: what people did instead, and what was let pass. */
export const deviations = ({ record }: ReportData): Section => ({
  title: 'Deviations from the playbook',
  table: {
    head: ['When', 'Step', 'Instead', 'By', 'Why'],
    rows: [...record.steps.values()].flatMap((step) => {
      const { title, finished } = step;
      const instead = insteadOf(step);
      if (finished === undefined || instead === undefined) return [];
      const why = finished.reason ?? finished.error?.message ?? '';
      return [[dateTime(finished.at), title, instead, finished.by ?? '', why].map((text) => cell(text))];
    }),
  },
});

/** A step that was skipped since its condition says so is as the playbook wants it. */
function insteadOf({ finished }: StepRecord): string | undefined {
  if (finished === undefined) return undefined;
  if (finished.conclusion === 'tolerated') return `${finished.outcome}, and the run went on`;
  return finished.by === undefined ? undefined : OVERRIDES.get(finished.outcome);
}
