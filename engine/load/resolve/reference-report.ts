import type { JsonObject } from '../../base/json.ts';
import { isJsonObject } from '../../base/json.ts';
import type { Segment } from '../../expression/references.ts';
import type { Span } from '../../source/file.ts';
import { nearest } from '../../source/nearest.ts';
import { meant } from '../report.ts';
import type { Report } from '../report.ts';
import { annotation, closedMembers, itemOf, memberOf, typesOf } from '../schemas/shape.ts';
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
    let asked: { readonly of: JsonObject; readonly name: string } | undefined;
    for (const segment of path) {
      if (at === undefined) return;
      const plain = plainOf(at);
      if (plain !== undefined) {
        this.error(
          'DB043',
          this.part(segment.start, segment.end),
          `${asked === undefined ? owner : `"${asked.name}" of ${owner}`} is ${plain} and has no members`,
          asked === undefined ? undefined : asData(asked.of, asked.name),
        );
        return;
      }
      if (typeof segment.name === 'number') {
        at = itemOf(at);
        asked = undefined;
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
      asked = { of: at, name: segment.name };
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

const PLAIN: Readonly<Record<string, string>> = {
  string: 'a text',
  number: 'a number',
  integer: 'a number',
  boolean: 'true or false',
};

/** What a value is that has neither members nor items, in words; undefined for one that may have some. */
function plainOf(schema: JsonObject): string | undefined {
  const types = typesOf(schema).filter((type) => type !== 'null');
  const [first = ''] = types;
  return types.every((type) => type in PLAIN) ? PLAIN[first] : undefined;
}

/** Where the same stands as data, for a member that is its text. */
function asData(of: JsonObject, name: string): string | undefined {
  const properties = of['properties'];
  const found = Object.entries(isJsonObject(properties) ? properties : {}).find(
    ([, schema]) => isJsonObject(schema) && annotation(schema, 'x-text-of') === name,
  );
  return found === undefined ? undefined : `As data it is "${found[0]}".`;
}
