import { Duration } from '../../base/duration.ts';
import type { OnFailure } from '../../model/failure-rules.ts';
import type { Assertion, Condition, Until } from '../../model/playbook.ts';
import type { Expression, Template } from '../../model/template.ts';
import type { Narrator } from '../../model/narrator.ts';
import { code, line } from './markdown.ts';
import type { Numbers, NumberedPlace } from './numbers.ts';

/** What every part of a page is made with. */
export interface Page {
  readonly numbers: Numbers;
  readonly narrator: Narrator;
  /** The page of another playbook, or of a step kind, when there is one. */
  readonly pageOf: (playbook: string) => string | undefined;
  readonly kindPage: (kind: string) => string | undefined;
}

const HOUR_MS = 3_600_000;

/** As teams write it: `24h` for an objective and not `1d`. */
export const duration = (millis: number): string =>
  millis % HOUR_MS === 0 && millis < 72 * HOUR_MS && millis > 0
    ? `${String(millis / HOUR_MS)}h`
    : Duration.fromMillis(millis).toString();

const MARK_WORDS: ReadonlyMap<string, string> = new Map([
  ['occurred', 'it happened'],
  ['detected', 'it was noticed'],
  ['declared', 'the recovery began'],
  ['fenced', 'nobody can write to what is abandoned'],
  ['restored', 'the data is back'],
  ['serving', 'users are served again'],
  ['verified', 'the result is proven'],
  ['closed', 'all is tidied up'],
]);

/** A mark, and what it means where every playbook means the same by it. */
export function markWords(mark: string, ...more: readonly string[]): string {
  const meaning = [MARK_WORDS.get(mark), ...more].filter((text) => text !== undefined);
  return `*${line(mark)}*${meaning.length === 0 ? '' : ` (${meaning.join(', ')})`}`;
}

export const stepLink = ({ number, anchor }: NumberedPlace): string => `[${number}](#${anchor})`;

export const expression = ({ source }: Expression): string => code(source);

/** A template on one line, its expressions as code. */
export const said = (template: Template, page: Page): string => withCode(page.narrator.text(template), page);

const OUTPUT_OF_STEP = /^steps\.(\w+)\.output\.(\w+)$/;

/** Text in which `‹…›` stands for what only the run will know. */
export function withCode(text: string, { numbers }: Page): string {
  return text
    .replaceAll(/`(‹[^›]*›)`/g, '$1')
    .split(/‹([^›]*)›/)
    .map((part, index) => {
      if (index % 2 === 0) return keepSpaces(part);
      const [, id = '', member = ''] = OUTPUT_OF_STEP.exec(part) ?? [];
      const step = numbers.step(id);
      return step === undefined ? code(part) : `${code(member)} of step ${stepLink(step)}`;
    })
    .join('')
    .trim();
}

/** What stands between two expressions keeps its distance from both. */
const keepSpaces = (part: string): string =>
  `${/^\s/.test(part) ? ' ' : ''}${line(part)}${/\S\s+$/.test(part) ? ' ' : ''}`;

export function assertion({ that, else: otherwise }: Assertion, page: Page): string {
  return `${expression(that)}${otherwise === undefined ? '' : ` (else: ${said(otherwise, page)})`}`;
}

/** A condition, and the probe that it is asked of where that is not the step itself. */
export function condition(given: Condition, page: Page): string {
  const asked =
    given.probe === undefined ? '' : `${withCode(page.narrator.narrate(given.probe).text, page)}: `;
  return asked + assertion(given, page);
}

export function waiting(until: Until, page: Page): string {
  const often = [
    `looks every ${duration(until.everyMs)}`,
    ...(until.delayMs === 0 ? [] : [`for the first time after ${duration(until.delayMs)}`]),
    ...(until.stable > 1 ? [`wants it ${String(until.stable)} times in a row`] : []),
    ...(until.timeoutMs === undefined ? [] : [`gives up after ${duration(until.timeoutMs)}`]),
  ].join(', ');
  const hopeless = until.failWhen === undefined ? '' : `; fails at once when ${expression(until.failWhen)}`;
  return `${condition(until, page)}; ${often}${hopeless}`;
}

export function failureWords(rule: OnFailure, page: Page): string {
  switch (rule.do) {
    case 'ask':
      return 'you are asked what to do';
    case 'continue':
      return 'it is noted, and the run goes on';
    case 'abort':
      return 'the run is aborted, and what can be taken back is';
    case 'skip':
      return 'the step is skipped';
    case 'branch': {
      const place = page.numbers.branch(rule.branch);
      const where = place === undefined ? code(rule.branch) : `${line(place.title)} (${stepLink(place)})`;
      return `it goes on with the branch ${where}`;
    }
    case 'next':
      return `this round ends and the next one of ${code(rule.repeat)} begins`;
  }
}
