import { randomInt } from 'node:crypto';

const ALPHABET = '0123456789abcdefghijklmnopqrstuv';

/** An id in the form of Render's: a prefix and twenty digits in base 32 (`srv-d4…`, `dpg-…-a`). */
export function renderId(prefix: 'tea' | 'srv' | 'dpg' | 'dep' | 'cdm'): string {
  const digits = Array.from({ length: 20 }, () => ALPHABET[randomInt(ALPHABET.length)] ?? '0').join('');
  return prefix === 'dpg' ? `dpg-${digits}-a` : `${prefix}-${digits}`;
}
