import { CodeActionKind } from 'vscode-languageserver/node';
import type { CodeAction, Range } from 'vscode-languageserver';
import type { Diagnostic } from '../source/diagnostic.ts';
import type { Span } from '../source/file.ts';
import { toldOf } from './diagnostics.ts';
import { rangeOf, textOf } from './places.ts';
import { uriOf } from './files.ts';

/** What a diagnostic says would be right, as changes that an editor can make: of those that a range touches. */
export function fixesOf(
  path: string,
  diagnostics: readonly Diagnostic[],
  range: Range,
): readonly CodeAction[] {
  return diagnostics.flatMap((diagnostic) => {
    const { span } = diagnostic;
    const change = span === undefined ? undefined : changeFor(diagnostic, span);
    if (span === undefined || change === undefined || !touches(rangeOf(span), range)) return [];
    return {
      title: change.title,
      kind: CodeActionKind.QuickFix,
      diagnostics: [toldOf(diagnostic)],
      isPreferred: true,
      edit: { changes: { [uriOf(path)]: [{ range: rangeOf(change.at), newText: change.text }] } },
    };
  });
}

interface Change {
  readonly title: string;
  readonly at: Span;
  readonly text: string;
}

function changeFor({ code, message, hint }: Diagnostic, span: Span): Change | undefined {
  if (code === MISREAD) return quoted(span);
  const named = hint === undefined ? undefined : (DID_YOU_MEAN.exec(hint) ?? WRITE.exec(hint));
  const text = named?.[1];
  if (text === undefined) return undefined;
  const at = wrongIn(span, message);
  return { title: `Write ${text} in place of ${textOf(at)}`, at, text };
}

/** YAML reads it otherwise than it is meant. */
const MISREAD = 'DB015';

const DID_YOU_MEAN = /^Did you mean "([^"]+)"\?/;

/** A whole value that is named, and nothing else. */
const WRITE = /^Write ([\w.]+)\.?$/;

/** The place without the quotes around it: they stay. */
function wrongIn(span: Span, message: string): Span {
  const text = textOf(span);
  const [, quote] = /^(["']).*\1$/s.exec(text) ?? [];
  if (quote !== undefined) return { ...span, start: span.start + 1, end: span.end - 1 };
  // A call is marked as a whole, and its name is what is wrong.
  const name = /"([^"]+)"/.exec(message)?.[1];
  const inside = name === undefined ? -1 : text.indexOf(name);
  return name === undefined || inside === -1 || text.length === name.length
    ? span
    : { ...span, start: span.start + inside, end: span.start + inside + name.length };
}

/** The whole value in quotes, as YAML then leaves it alone. */
function quoted(span: Span): Change | undefined {
  const text = textOf(span);
  if (text.includes('\n') || /^["']/.test(text)) return undefined;
  return { title: 'Put the whole value in quotes', at: span, text: `'${text.replaceAll("'", "''")}'` };
}

const touches = (one: Range, other: Range): boolean =>
  compare(one.start, other.end) <= 0 && compare(other.start, one.end) <= 0;

const compare = (a: Range['start'], b: Range['start']): number =>
  a.line - b.line || a.character - b.character;
