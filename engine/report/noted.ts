import type { JsonObject } from '../base/json.ts';
import { rfc3339 } from '../base/human.ts';
import { oneLine } from '../base/text.ts';
import type { NotedFinding } from '../measure/noted-findings.ts';
import { defined, output } from './output.ts';
import { dayText } from './measured.ts';

/** In a line: what, who and by when. */
export const notedText = ({ id, text, owner, due, run, done }: NotedFinding): string =>
  oneLine(
    done === undefined
      ? `${text} (${owner}, due ${due}; finding ${String(id)} of ${run})`
      : `${text} (${owner}, done on ${dayText(done.at)} by ${done.by}${done.reason === undefined ? '' : `: ${done.reason}`})`,
  );

const one = ({ at, done, ...finding }: NotedFinding): JsonObject =>
  defined({
    ...finding,
    at: rfc3339(at),
    done: done && defined({ ...done, at: rfc3339(done.at) }),
  });

/** For programs: the findings that are shown. */
export const findingsJson = (all: readonly NotedFinding[]): JsonObject =>
  output('findings', { findings: all.map(one) });
