import { isDay } from '../base/day.ts';
import { Duration } from '../base/duration.ts';
import { Instant } from '../base/instant.ts';
import type { JsonObject } from '../base/json.ts';
import { hasTemplate } from '../expression/template.ts';
import type { Span } from '../source/file.ts';
import { guessedDuration } from './first-guesses.ts';
import type { Report } from './report.ts';
import { annotation, follow, itemOf, memberOf, typesOf } from './schemas/shape.ts';
import { locate } from './syntax/locate.ts';
import type { Tree, TreeScalar } from './syntax/tree.ts';

/**
 * Checks what a schema says beyond JSON's types: durations, times and dates (`x-format`),
 * texts that are taken as they are (`x-plain`), and integers that JavaScript can hold. `instead`: what to do where one needs a value.
 */
export function checkFormats(tree: Tree, schema: JsonObject, report: Report, instead?: string): void {
  new FormatCheck(schema, report, instead).check(tree, schema);
}

class FormatCheck {
  readonly #root: JsonObject;
  readonly #report: Report;
  readonly #instead: string | undefined;

  constructor(root: JsonObject, report: Report, instead: string | undefined) {
    this.#root = root;
    this.#report = report;
    this.#instead = instead;
  }

  check(tree: Tree, schema: JsonObject): void {
    const resolved = follow(schema, this.#root);
    if (tree.type === 'map') {
      for (const { key, value } of tree.entries) {
        const inside = memberOf(resolved, key);
        if (inside !== undefined) this.check(value, inside);
      }
    } else if (tree.type === 'list') {
      const inside = itemOf(resolved);
      if (inside !== undefined) for (const item of tree.items) this.check(item, inside);
    } else if (typeof tree.value === 'string') {
      this.#text(tree.value, tree, resolved);
    } else if (typeof tree.value === 'bigint' && isUnbound(tree.value, resolved)) {
      this.#report.error('DB171', tree.span, `${String(tree.value)} would lose digits here`, {
        hint: `A whole number of this key lies between -${String(Number.MAX_SAFE_INTEGER)} and ${String(Number.MAX_SAFE_INTEGER)}.`,
      });
    }
  }

  #text(text: string, tree: TreeScalar, schema: JsonObject): void {
    if (!hasTemplate(text)) {
      checkFormat(text, annotation(schema, 'x-format'), tree, this.#report);
    } else if (annotation(schema, 'x-plain') === true) {
      const place = locate(tree, '${{', text.indexOf('${{'));
      this.#report.error('DB032', place, 'This text is taken as it is: "${{ }}" is not evaluated in it', {
        hint: this.#instead,
      });
    }
  }
}

/** Whether an integer is meant and its schema names no bound, which would tell of the number with better words. */
const isUnbound = (whole: bigint, schema: JsonObject): boolean =>
  typesOf(schema).includes('integer') && !((whole > 0 ? 'maximum' : 'minimum') in schema);

function checkFormat(text: string, format: unknown, tree: Tree, report: Report): void {
  if (format === 'duration') checkDuration(text, tree.span, report);
  if (format === 'time') checkTime(text, tree.span, report);
  if (format === 'date' && !isDay(text)) {
    report.error('DB025', tree.span, `"${text}" is no date`, {
      hint: 'Write year, month and day: 2025-11-01.',
    });
  }
}

export function checkDuration(text: string, place: Span, report: Report): void {
  if (Duration.parse(text) !== undefined) return;
  const guess = guessedDuration(text);
  const hint = 'Write a number and its unit, the largest first: 30s, 10m, 1h30m.';
  report.error('DB024', place, `"${text}" is no duration`, {
    hint: guess === undefined ? hint : `Write ${guess}.`,
  });
}

export function checkTime(text: string, place: Span, report: Report): void {
  if (Instant.parse(text) !== undefined) return;
  const lacksOffset = Instant.parse(`${text}Z`) !== undefined;
  report.error('DB025', place, lacksOffset ? `The time "${text}" has no offset` : `"${text}" is no time`, {
    hint: lacksOffset
      ? `Write ${text}Z for UTC, or the offset, such as ${text}+01:00.`
      : 'Write RFC 3339 with an offset: 2025-11-01T12:00:00Z.',
  });
}
