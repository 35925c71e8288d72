import type { JsonObject } from '../../base/json.ts';
import type { Segment } from '../../expression/references.ts';
import type { Span } from '../../source/file.ts';
import { nearest } from '../../source/nearest.ts';
import { meant } from '../report.ts';
import type { Report } from '../report.ts';
import { closedMembers, itemOf, memberOf } from '../schemas/shape.ts';
import { within } from '../syntax/locate.ts';
import type { Condition, StepSymbol } from './unit.ts';

/** Says what is wrong about the names of one expression, at their places. */
export class ReferenceReport {
  readonly #report: Report;
  readonly #span: Span;
  readonly #source: string;

  constructor(report: Report, span: Span, source: string) {
    this.#report = report;
    this.#span = span;
    this.#source = source;
  }

  /** What of a run may not be there when this is evaluated. */
  missing(
    missing: Condition | undefined,
    at: Segment,
    { owner, name, symbol }: { readonly owner: string; readonly name: string; readonly symbol?: StepSymbol },
  ): void {
    if (missing === undefined) return;
    const parent = name.slice(0, name.lastIndexOf('.'));
    this.#report.warning('DB046', this.part(at.start, at.end), `${owner} when ${missing.text}`, {
      ...(symbol !== undefined && { related: [{ message: `"${symbol.id}" is here`, span: symbol.span }] }),
      hint: `Ask with has(${name}), or ${parent}.?${name.slice(parent.length + 1)}.`,
    });
  }

  /** Follows members through a schema, as far as it says what there is. */
  shape(schema: JsonObject | undefined, path: readonly Segment[], owner: string, related?: Span): void {
    let at = schema;
    for (const segment of path) {
      if (at === undefined) return;
      if (typeof segment.name === 'number') {
        at = itemOf(at);
        continue;
      }
      const next = memberOf(at, segment.name);
      const known = closedMembers(at);
      if (next === undefined && known !== undefined && !known.includes(segment.name)) {
        this.#report.error(
          'DB043',
          this.part(segment.start, segment.end),
          `${owner.charAt(0).toUpperCase()}${owner.slice(1)} has no "${segment.name}"`,
          {
            hint:
              meant(nearest(segment.name, known)) ??
              (known.length === 0 ? undefined : `It has ${known.join(', ')}.`),
            ...(related !== undefined && { related: [{ message: 'the step is here', span: related }] }),
          },
        );
        return;
      }
      at = next;
    }
  }

  oneOf(segment: Segment | undefined, names: readonly string[] | ReadonlySet<string>, what: string): boolean {
    if (segment === undefined) return true;
    const name = String(segment.name);
    if (names instanceof Set ? names.has(name) : [...names].includes(name)) return true;
    const known = [...names];
    this.error(
      'DB043',
      this.part(segment.start, segment.end),
      `There is no ${what} "${name}"`,
      meant(nearest(name, known)) ??
        (known.length > 0 && known.length <= 8 ? `There is ${known.join(', ')}.` : undefined),
    );
    return false;
  }

  part(start: number, end: number): Span {
    return within(this.#span, this.#source, start, end);
  }

  error(code: string, span: Span, message: string, hint?: string): void {
    this.#report.error(code, span, message, { hint });
  }
}
