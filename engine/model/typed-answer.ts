import { Duration } from '../base/duration.ts';
import type { Instant } from '../base/instant.ts';
import { readMoment } from '../base/moment.ts';
import type { Result } from '../base/result.ts';
import { err, ok } from '../base/result.ts';
import type { Value } from '../base/value.ts';
import { wholeNumber } from '../base/value.ts';
import type { Input } from './playbook.ts';

/** What an answer is read by: its type, and what may be chosen. */
export type Asked = Pick<Input, 'type' | 'options'>;

/**
 * Reads what somebody typed for an input, at a terminal or in a browser, or says what would be right. `fits` decides
 * which moment is meant by a time of day alone.
 */
export function parseInput(
  input: Asked,
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

function parseList({ options }: Asked, text: string): Result<Value, string> {
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
