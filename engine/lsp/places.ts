import { TextDocument } from 'vscode-languageserver-textdocument';
import type { Location, Range } from 'vscode-languageserver';
import type { SourceFile, Span } from '../source/file.ts';
import { uriOf } from './files.ts';

const documents = new WeakMap<SourceFile, TextDocument>();

/** Where lines end is a matter of the protocol, which counts a lone carriage return too. */
export function documentOf(file: SourceFile): TextDocument {
  const known = documents.get(file) ?? TextDocument.create(uriOf(file.path), 'yaml', 0, file.text);
  documents.set(file, known);
  return known;
}

/** A span as the protocol says it. */
export function rangeOf({ file, start, end }: Span): Range {
  const document = documentOf(file);
  return { start: document.positionAt(start), end: document.positionAt(Math.max(start, end)) };
}

export const locationOf = (span: Span): Location => ({ uri: uriOf(span.file.path), range: rangeOf(span) });

export const textOf = ({ file, start, end }: Span): string => file.text.slice(start, end);

/** A place of a file that is open. */
export interface Place {
  readonly path: string;
  readonly offset: number;
}
