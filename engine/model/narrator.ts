import type { ValueMap } from '../base/value.ts';
import type { Effect } from './playbook.ts';
import type { Template } from './template.ts';

/** What a step of some kind does, in words, before anything has run. */
export interface Narration {
  /** The kind's one line; what only a run will know stands as `‹expression›`. */
  readonly text: string;
  readonly effect: Effect;
  /** It is said only to read, and nothing holds it to that. */
  readonly believed: boolean;
  /** The command that does the same; `‹expression›` as in `text`. */
  readonly byHand?: string;
  /** For a kind that people do: what they are told. */
  readonly told?: ValueMap;
  /** Its failure stops nothing unless the step says so. */
  readonly failureIsNoted: boolean;
}

/** Puts templates into words without a run: names of the environment are filled in, all else stays an expression. */
export interface Narrator {
  narrate(use: { readonly uses: string; readonly with: Template; readonly effect?: Effect }): Narration;
  text(template: Template): string;
}
