import { resolve } from 'node:path';
import { DiagnosticSeverity } from 'vscode-languageserver/node';
import type { Diagnostic as Told, Range } from 'vscode-languageserver';
import type { Diagnostic } from '../source/diagnostic.ts';
import { locationOf, rangeOf } from './places.ts';

/** Those of one file: what is wrong in files that it calls is told there. */
export const ofFile = (path: string, diagnostics: readonly Diagnostic[]): readonly Diagnostic[] =>
  diagnostics.filter(({ span }) => span === undefined || resolve(span.file.path) === path);

const TOP: Range = { start: { line: 0, character: 0 }, end: { line: 0, character: 0 } };

/** Characters of a message at most: what it quotes may be as long as the file. */
const LONGEST = 2000;

/** A diagnostic as editors show it: the hint stands below the message. */
export function toldOf({ code, severity, message, span, related, hint }: Diagnostic): Told {
  const text = hint === undefined ? message : `${message}\n${hint}`;
  return {
    range: span === undefined ? TOP : rangeOf(span),
    severity: severity === 'error' ? DiagnosticSeverity.Error : DiagnosticSeverity.Warning,
    code,
    source: 'drillbook',
    message: text.length > LONGEST ? `${text.slice(0, LONGEST)} …` : text,
    ...(related !== undefined && {
      relatedInformation: related.map((each) => ({
        location: locationOf(each.span),
        message: each.message,
      })),
    }),
  };
}
