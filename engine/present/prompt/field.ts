import { createPrompt, isBackspaceKey, isEnterKey, useEffect, useKeypress, useState } from '@inquirer/core';
import type { Result } from '../../base/result.ts';
import { wrap } from '../../base/layout.ts';
import type { Theme, Tone } from '../theme.ts';

export interface FieldConfig<T> {
  readonly message: string;
  /** In the line from the start, to be edited. */
  readonly initial?: string;
  /** What Enter on an empty line gives, as shown; `parse` gets the empty text then. */
  readonly whenEmpty?: string;
  /** Reads what was typed; the error is shown and the text can be mended. */
  readonly parse: (typed: string) => Result<T, string>;
  /** Said under the line while typing, once something was typed. */
  readonly comment: (typed: string) => { readonly good: boolean; readonly text: string } | undefined;
  /** What is typed is not shown. */
  readonly hidden?: boolean;
  /** How wide the terminal is: what is longer goes on below. */
  readonly columns: number;
  readonly theme: Theme;
}

/** Escape was pressed: back to where one came from. */
export const BACK = Symbol('back');

/** A line of text that says what it makes of it while one types. */
export const field = createPrompt<unknown, FieldConfig<unknown>>((config, done) => {
  const { theme } = config;
  const broken = (tone: Tone, text: string): string =>
    wrap(text, config.columns - 1)
      .map((each) => theme.paint(tone, each))
      .join('\n');
  const [typed, setTyped] = useState('');
  const [refused, setRefused] = useState('');

  useEffect((rl) => {
    if (config.initial === undefined) return;
    rl.write(config.initial);
    setTyped(config.initial);
  }, []);

  useKeypress((event, rl) => {
    if (event.name === 'escape') done(BACK);
    else if (isEnterKey(event)) {
      const result = config.parse(typed);
      if (result.ok) done(result.value);
      else {
        // readline has emptied the line: what was typed comes back to be mended.
        rl.write(typed);
        setRefused(result.error);
      }
    } else {
      if (isBackspaceKey(event) || rl.line !== typed) setRefused('');
      setTyped(rl.line);
    }
  });

  const empty = typed === '' && config.whenEmpty !== undefined;
  const start = empty ? `> ${theme.paint('dim', `(Enter: ${config.whenEmpty ?? ''}) `)}` : '> ';
  const comment = typed === '' ? undefined : config.comment(typed);
  const below = [
    refused !== '' ? broken('bad', `${theme.symbols.bad} ${refused}`) : '',
    refused === '' && comment !== undefined ? broken(comment.good ? 'dim' : 'warn', comment.text) : '',
  ];
  // The line to type on is a line of its own: on a narrow terminal it has all the room there is.
  return [
    `${broken('bold', config.message)}\n${start}${config.hidden === true ? '*'.repeat(typed.length) : typed}`,
    below.filter(Boolean).join('\n'),
  ];
});
