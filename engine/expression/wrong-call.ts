import type { Environment } from '@marcbachmann/cel-js';
import { nearest } from '../source/nearest.ts';
import { functionsOf } from './functions.ts';

/** A call that the language cannot make: what is wrong, and what would be right. */
export interface WrongCall {
  readonly message: string;
  readonly hint: string;
}

/** What people of other languages write first. */
const ELSEWHERE: ReadonlyMap<string, string> = new Map([
  ...['len', 'length', 'count'].map((name) => [name, 'size'] as const),
  ...['upper', 'toUpperCase', 'upcase'].map((name) => [name, 'upperAscii'] as const),
  ...['lower', 'toLowerCase', 'downcase'].map((name) => [name, 'lowerAscii'] as const),
  ...['strip', 'trimSpace'].map((name) => [name, 'trim'] as const),
  ...['any', 'some'].map((name) => [name, 'exists'] as const),
  ...['includes', 'has_value'].map((name) => [name, 'contains'] as const),
  ...['default', 'or_else'].map((name) => [name, 'orValue'] as const),
  ['every', 'all'],
  ['str', 'string'],
  ['float', 'double'],
  ['date', 'timestamp'],
  ['sorted', 'sort'],
]);

const WORDS: Readonly<Record<string, string>> = {
  string: 'text',
  int: 'number',
  double: 'number',
  bool: 'boolean',
  dyn: 'value',
  length: 'duration',
  null: 'null',
};

/** The library's complaint about a call in words; undefined where it complains about something else. */
export function wrongCall(summary: string, language: Environment): WrongCall | undefined {
  const called = /^[Ff]ound no matching overload for '(?:(.+)\.)?(\w+)\((.*)\)'$/.exec(summary);
  if (called === null) return undefined;
  const [, receiver, name = '', given = ''] = called;
  const known = functionsOf(language);
  const own = name.replace(/_$/, '');
  const ways = known.get(own);
  if (ways === undefined) return unknownFunction(own, known.keys());
  const at = receiver === undefined ? '' : `${word(receiver)}.`;
  return {
    message: `nothing is called as ${at}${own}(${wordsOf(given)})`,
    hint: `There is ${[...new Set(ways.map(inWords))].join(', ')}.`,
  };
}

function unknownFunction(name: string, known: Iterable<string>): WrongCall {
  const meant = ELSEWHERE.get(name) ?? nearest(name, known);
  const all = 'docs/expressions.md has all that there are.';
  const message = `there is no function "${name}"`;
  if (name === 'now') return { message, hint: 'The time now is a name: write it without brackets.' };
  return { message, hint: meant === undefined ? all : `Did you mean "${meant}"? ${all}` };
}

/** `string.contains_(string): bool` as `text.contains(text)`. */
function inWords(signature: string): string {
  const [, receiver, name = '', parameters = ''] = /^(?:(.+)\.)?(\w+)\((.*)\): /.exec(signature) ?? [];
  const at = receiver === undefined ? '' : `${word(receiver)}.`;
  return `${at}${name.replace(/_$/, '')}(${wordsOf(parameters)})`;
}

const wordsOf = (types: string): string =>
  types === '' ? '' : withoutInner(types).split(', ').map(word).join(', ');

/** What a type is of says nothing here: `list<map<string, dyn>>` is a list. */
const withoutInner = (type: string): string => type.replace(/<[^(]*?>+/g, '');

function word(type: string): string {
  const outer = withoutInner(type.replace(/^dyn<(.+)>$/, '$1'));
  return WORDS[outer] ?? outer;
}
