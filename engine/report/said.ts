import { isJsonObject } from '../base/json.ts';
import type { RunRecord, StepRecord } from '../measure/record.ts';

/** Of each stream, from its end; the whole is in the journal. */
const MOST_LINES = 8;

/** What a step that failed had said. */
export interface Said {
  readonly title: string;
  readonly lines: readonly string[];
}

/** The last lines of what commands said that failed, were too late or were broken off. */
export const saidByFailed = ({ steps }: Pick<RunRecord, 'steps'>): readonly Said[] =>
  [...steps.values()]
    .map((step) => ({ title: step.title, lines: linesOf(step) }))
    .filter(({ lines }) => lines.length > 0);

function linesOf({ finished, lastFailure }: StepRecord): readonly string[] {
  if (finished?.outcome === 'succeeded') return [];
  const details = (finished?.error ?? lastFailure)?.details;
  if (!isJsonObject(details)) return [];
  return [details['stdout'], details['stderr']].flatMap((text) =>
    typeof text === 'string'
      ? text
          .split('\n')
          .filter((line) => line.trim() !== '')
          .slice(-MOST_LINES)
      : [],
  );
}
