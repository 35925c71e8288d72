import { stripVTControlCharacters } from 'node:util';

// Text for people, whoever wrote it: a title, a log line or the name of a server could hold escape sequences
// that repaint the screen, or marks that turn a name around or are not seen at all. What goes to a terminal
// or into a report goes through here.

/** Controls, format characters (directions, zero width, tags), and Unicode's own line ends. */
const HOSTILE = /(?![\n\t])[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu;

/** Without escape sequences and without what is not seen; line ends and tabs stay. */
export const harmless = (text: string): string =>
  stripVTControlCharacters(text).replace(/\r\n?/g, '\n').replace(HOSTILE, '');

/** The same length, with a mark for each character that is taken out elsewhere: for a place in a file. */
export const marked = (text: string): string =>
  text.replace(HOSTILE, (character) => '\uFFFD'.repeat(character.length));

/** Harmless, on one line. */
export const oneLine = (text: string): string =>
  untabbed(harmless(text))
    .replace(/\s*\n\s*/g, ' ')
    .trim();

/** JSON means the same with its hostile characters escaped. */
export const harmlessJson = (value: unknown, indent?: number): string =>
  JSON.stringify(value, null, indent).replace(HOSTILE, (character) =>
    Array.from({ length: character.length }, (_, at) => escaped(character.charCodeAt(at))).join(''),
  );

const escaped = (unit: number): string => `\\u${unit.toString(16).padStart(4, '0')}`;

/** Tabs as spaces: how wide one is depends on where it stands. */
export const untabbed = (text: string): string => text.replaceAll('\t', '  ');
