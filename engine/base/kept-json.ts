import { hash } from 'node:crypto';
import { readFileSync } from 'node:fs';

// What is kept to save time, and may be lost at any moment: JSON below its own digest, so that what was torn or
// written by another hand is not taken for it.

/** The content of a file that keeps this JSON. */
export const keptText = (json: string): string => `${hash('sha256', json)}\n${json}`;

/** The JSON that a file keeps; undefined where a line is torn, a byte is not what it was, or there is none. */
export function readKeptJson(path: string): string | undefined {
  const text = readFileSync(path, 'utf8');
  const end = text.indexOf('\n');
  const json = text.slice(end + 1);
  return json === '' || text.slice(0, end) !== hash('sha256', json) ? undefined : json;
}
