import type { Span } from '../source/file.ts';
import type { Template, TemplateEntry } from './template.ts';

/** A part of a world breaks. */
export interface PartFault {
  readonly type: 'part';
  readonly uses: string;
  /** Which part of a world breaks, where its file names them. */
  readonly part?: string;
  readonly with: Template;
  readonly span: Span;
}

/** Something that surprises people in mid-run, once. `F`: what may break. */
export interface InjectOf<F> {
  /** So long after the recovery was declared, or as soon as a step of this id has ended. */
  readonly when: { readonly atMs: number } | { readonly after: string };
  readonly what:
    | { readonly type: 'message'; readonly text: Template }
    | { readonly type: 'fault'; readonly fault: F }
    /** From then on these questions are answered so, whoever is there. */
    | { readonly type: 'answer'; readonly answers: readonly TemplateEntry[] };
  readonly span: Span;
}
