import { Duration, humanDuration } from '../base/duration.ts';
import { Instant } from '../base/instant.ts';
import { canonicalJson } from '../base/json.ts';
import type { Result } from '../base/result.ts';
import { err, ok } from '../base/result.ts';
import type { Value } from '../base/value.ts';
import { encodeValue, isValueList, isValueMap } from '../base/value.ts';
import type { Input } from '../model/playbook.ts';
import { localTime } from './time.ts';

/** A value as a person would write it. */
export function formatValue(value: Value): string {
  if (typeof value === 'string') return value;
  if (value === null) return 'nothing';
  if (value instanceof Instant || value instanceof Duration) return value.toString();
  if (value instanceof Uint8Array) return `${String(value.length)} bytes`;
  if (isValueList(value)) return value.map(formatValue).join(', ');
  if (typeof value !== 'object') return String(value);
  if (!isValueMap(value) || '$ref' in value) return canonicalJson(encodeValue(value));
  const members = Object.entries(value).map(([name, member]) => `${name}: ${formatValue(member)}`);
  return members.length === 0 ? 'nothing' : members.join(', ');
}

/**
 * Reads what was typed for an input. A moment is RFC 3339 with its offset, `now`, or an
 * age such as `10m ago`; a time of day alone is refused, because around midnight and
 * across time zones it names more than one moment.
 */
export function parseInput(input: Input, typed: string, now: Instant): Result<Value, string> {
  const text = typed.trim();
  if (text === '') return err('An answer is needed.');
  switch (input.type) {
    case 'text':
    case 'secret':
      return ok(text);
    case 'time':
      return parseTime(text, now);
    case 'duration': {
      const duration = Duration.parse(text);
      return duration === undefined ? err('Write a duration with its unit: 30m, 1h30m, 45s.') : ok(duration);
    }
    case 'number':
      return parseNumber(text);
    case 'boolean':
      if (/^(y|yes|true)$/i.test(text)) return ok(true);
      return /^(n|no|false)$/i.test(text) ? ok(false) : err('Answer yes or no.');
    case 'choice':
      return input.options.some((option) => option.value === text)
        ? ok(text)
        : err(`One of ${input.options.map((option) => option.value).join(', ')}.`);
    case 'list':
      return ok(
        text
          .split(',')
          .map((item) => item.trim())
          .filter((item) => item !== ''),
      );
  }
}

function parseTime(text: string, now: Instant): Result<Value, string> {
  if (text.toLowerCase() === 'now') return ok(now);
  const ago = /^(\S+)\s+ago$/i.exec(text)?.[1];
  const age = ago === undefined ? undefined : Duration.parse(ago);
  if (age !== undefined) return ok(new Instant(now.epochMicros - age.micros));
  const moment = Instant.parse(text);
  if (moment !== undefined) return ok(moment);
  return err(`Write the moment with its offset, ${localTime(now.epochMillis)}, or how long ago: 10m ago.`);
}

function parseNumber(text: string): Result<Value, string> {
  if (/^[+-]?\d+$/.test(text)) {
    const whole = Number(text);
    return ok(Number.isSafeInteger(whole) ? whole : BigInt(text));
  }
  const number = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text) ? Number(text) : NaN;
  return Number.isFinite(number) ? ok(number) : err('Write a number.');
}

/** What was understood, where it is not what was typed: the moment of `10m ago`, the age of a moment. */
export function explainValue(value: Value, typed: string, now: Instant): string | undefined {
  if (!(value instanceof Instant)) return undefined;
  const age = (now.epochMicros - value.epochMicros) / 1000;
  const distance =
    Math.abs(age) < 1000 ? 'now' : age > 0 ? `${humanDuration(age)} ago` : `in ${humanDuration(-age)}`;
  const local = localTime(value.epochMillis);
  return local === typed.trim() ? distance : `${local}, ${distance}`;
}
