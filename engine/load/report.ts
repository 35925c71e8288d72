import { count } from '../base/human.ts';
import type { Diagnostic } from '../source/diagnostic.ts';
import type { Span } from '../source/file.ts';

interface Details {
  readonly hint?: string | undefined;
  readonly related?: readonly { readonly message: string; readonly span: Span }[];
}

/** Collects what is wrong: loading goes on after an error, so that all are told at once. */
export class Report {
  readonly #diagnostics: Diagnostic[] = [];
  readonly #known = new Set<string>();

  error(code: string, span: Span, message: string, details: Details = {}): void {
    this.#add(code, 'error', span, message, details);
  }

  warning(code: string, span: Span, message: string, details: Details = {}): void {
    this.#add(code, 'warning', span, message, details);
  }

  add(diagnostics: readonly Diagnostic[]): void {
    for (const diagnostic of diagnostics) this.#once(diagnostic);
  }

  /** All that was found in a file that this one calls. */
  merge(other: Report): void {
    this.add(other.#diagnostics);
  }

  has(code: string): boolean {
    return this.#diagnostics.some((diagnostic) => diagnostic.code === code);
  }

  get failed(): boolean {
    return this.#diagnostics.some(({ severity }) => severity === 'error');
  }

  /** In the order of the text, file by file; the same thing is said once, though an alias may lead to it twice. */
  get diagnostics(): readonly Diagnostic[] {
    const files = new Map(this.#diagnostics.map(({ span }) => [span?.file, 0]));
    for (const [index, file] of [...files.keys()].entries()) files.set(file, index);
    const sorted = this.#diagnostics.toSorted(
      (a, b) =>
        (files.get(a.span?.file) ?? 0) - (files.get(b.span?.file) ?? 0) ||
        (a.span?.start ?? 0) - (b.span?.start ?? 0),
    );
    return [...files.keys()].flatMap((file) => capped(sorted.filter(({ span }) => span?.file === file)));
  }

  #add(
    code: string,
    severity: Diagnostic['severity'],
    span: Span,
    message: string,
    { hint, related }: Details,
  ): void {
    this.#once({
      code,
      severity,
      message,
      span,
      ...(related !== undefined && related.length !== 0 && { related }),
      ...(hint !== undefined && { hint }),
    });
  }

  #once(diagnostic: Diagnostic): void {
    const { code, span, message } = diagnostic;
    const identity = `${code} ${String(span?.start)} ${span?.file.path ?? ''} ${message}`;
    if (this.#known.has(identity)) return;
    this.#known.add(identity);
    this.#diagnostics.push(diagnostic);
  }
}

/** Of one file: nobody mends more at once, and one mistake that is repeated can give thousands. */
const MOST_SHOWN = 100;

function capped(diagnostics: readonly Diagnostic[]): readonly Diagnostic[] {
  const hidden = diagnostics.slice(MOST_SHOWN);
  const [first] = hidden;
  if (first?.span === undefined) return diagnostics;
  const errors = hidden.filter(({ severity }) => severity === 'error').length;
  const warnings = hidden.length - errors;
  const rest: Diagnostic = {
    code: 'DB111',
    severity: errors > 0 ? 'error' : 'warning',
    message: `From here on ${count(errors, 'error')} and ${count(warnings, 'warning')} more are not shown`,
    span: first.span,
    hint: 'Mend those above first.',
  };
  return [...diagnostics.slice(0, MOST_SHOWN), rest];
}

/** `Did you mean "steps"?`, or nothing when nothing comes near. */
export const meant = (candidate: string | undefined): string | undefined =>
  candidate === undefined ? undefined : `Did you mean "${candidate}"?`;
