import type { Value, ValueMap } from '../../base/value.ts';
import { isValueList, isValueMap, valueMap } from '../../base/value.ts';
import type { SecretOutput } from '../../model/playbook.ts';
import { StepError } from '../../model/kind.ts';
import { shownText } from './text.ts';

/** Stands where something is secret and no handle can stand: in a message. */
const WITHHELD = '[secret]';

/** Shorter lines and members of a larger secret are words that stand anywhere else, too. */
const LEAST_PART = 8;
/** Of a longer text only the whole is looked for. */
const MOST_LINES = 200;

/** What is to be blotted out for a secret: the whole, without the white space around it, line by line. */
export function partsOf(secret: Value): readonly string[] {
  const whole = shownText(secret);
  return [...new Set([whole, whole.trim(), ...leavesOf(secret).flatMap(linesOf)])];
}

const linesOf = (text: string): readonly string[] => {
  const lines = text.split(/\r?\n/);
  if (lines.length > MOST_LINES) return [];
  return lines.map((line) => line.trim()).filter(({ length }) => length >= LEAST_PART);
};

function leavesOf(value: Value): readonly string[] {
  if (typeof value === 'string') return [value];
  if (isValueList(value)) return value.flatMap(leavesOf);
  return isValueMap(value) ? Object.values(value).flatMap(leavesOf) : [];
}

/**
 * A failure of a step with secret output: details of these names are withheld, and so is what its
 * sentences quote of them. `texts`: what must not be written anywhere else either.
 */
export function withoutSecrets(
  error: StepError,
  secrets: readonly SecretOutput[],
): { readonly clean: StepError; readonly texts: readonly string[] } {
  const names = new Set(secrets.map(({ path }) => path.split('.')[0] ?? path));
  const isWithheld = (name: string, value: Value): boolean =>
    names.has(name) && value !== null && value !== '';
  const texts = Object.entries(error.details).flatMap(([name, value]) =>
    isWithheld(name, value) ? partsOf(value) : [],
  );
  const quoted = texts.flatMap((text) => text.split(/\r?\n/)).map((line) => line.trim());
  const clean = (text: string): string => without(text, quoted);
  const details: ValueMap = valueMap(
    Object.entries(error.details).map(
      ([name, value]) => [name, isWithheld(name, value) ? WITHHELD : value] as const,
    ),
  );
  const { code, hint, changed, retryable } = error;
  return {
    clean: new StepError(clean(error.message), {
      ...{ code, changed, retryable, details },
      ...(hint !== undefined && { hint: clean(hint) }),
    }),
    texts,
  };
}

/** Longest first: of two that begin alike the longer must not leave its end behind. */
function without(text: string, secrets: readonly string[]): string {
  const longestFirst = secrets.filter(({ length }) => length >= 2).sort((a, b) => b.length - a.length);
  return longestFirst.reduce((clean, secret) => clean.replaceAll(secret, WITHHELD), text);
}
