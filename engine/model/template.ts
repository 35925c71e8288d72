import type { Value } from '../base/value.ts';
import type { Span } from '../source/file.ts';

/** A CEL expression that has been parsed and whose references have been checked. */
export interface Expression {
  readonly source: string;
  readonly span: Span;
}

/** A value of a playbook in which expressions may stand. `expression` keeps the type of its value; `text` is a string. */
export type Template =
  | { readonly type: 'literal'; readonly value: Value; readonly span: Span }
  | { readonly type: 'expression'; readonly expression: Expression; readonly span: Span }
  | { readonly type: 'text'; readonly parts: readonly (string | Expression)[]; readonly span: Span }
  | { readonly type: 'list'; readonly items: readonly Template[]; readonly span: Span }
  | { readonly type: 'map'; readonly entries: readonly TemplateEntry[]; readonly span: Span };

export interface TemplateEntry {
  readonly key: string;
  readonly value: Template;
}

export interface LetEntry extends TemplateEntry {
  /** Names of those before it that it uses. */
  readonly uses: readonly string[];
}
