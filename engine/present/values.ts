import { Duration } from '../base/duration.ts';
import { Instant } from '../base/instant.ts';
import { canonicalJson } from '../base/json.ts';
import type { Result } from '../base/result.ts';
import { err, ok } from '../base/result.ts';
import type { Value } from '../base/value.ts';
import { encodeValue, isValueList, isValueMap, wholeNumber } from '../base/value.ts';
import { isHandle } from '../model/handle.ts';
import type { Input } from '../model/playbook.ts';
import { readMoment } from './moment.ts';

/** A value as a person would write it. */
export function formatValue(value: Value): string {
  if (typeof value === 'string') return value;
  if (value === null) return 'nothing';
  if (value instanceof Instant || value instanceof Duration) return value.toString();
  if (value instanceof Uint8Array) return `${String(value.length)} bytes`;
  if (isValueList(value)) return value.map(formatValue).join(', ');
  if (typeof value !== 'object') return String(value);
  if (!isValueMap(value) || isHandle(value)) return canonicalJson(encodeValue(value));
  const members = Object.entries(value).map(([name, member]) => `${name}: ${formatValue(member)}`);
  return members.length === 0 ? 'nothing' : members.join(', ');
}

/** Reads what was typed for an input. `fits` decides which moment is meant by a time of day alone. */
export function parseInput(
  input: Input,
  typed: string,
  now: Instant,
  fits: (value: Value) => boolean = () => true,
): Result<Value, string> {
  const text = typed.trim();
  if (text === '') return err('An answer is needed.');
  switch (input.type) {
    case 'text':
    case 'secret':
      return ok(text);
    case 'time':
      return readMoment(text, now, fits);
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
      return parseList(input, text);
  }
}

function parseList({ options }: Input, text: string): Result<Value, string> {
  const items = text
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== '');
  const stranger = items.find(
    (item) => options.length > 0 && !options.some((option) => option.value === item),
  );
  if (stranger === undefined) return ok(items);
  return err(`${stranger} is none of ${options.map((option) => option.value).join(', ')}.`);
}

function parseNumber(text: string): Result<Value, string> {
  if (/^[+-]?\d+$/.test(text)) return ok(wholeNumber(BigInt(text)));
  const number = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text) ? Number(text) : NaN;
  return Number.isFinite(number) ? ok(number) : err('Write a number.');
}
