/** What a writer is told. */
export interface Order {
  readonly url: string;
  readonly run: string;
  readonly life: string;
  readonly scratch: string;
}

/** What a writer says. */
export type Word =
  | { readonly type: 'opened'; readonly events: number }
  | { readonly type: 'wrote'; readonly text: string }
  | { readonly type: 'lost' | 'refused'; readonly why: string };
