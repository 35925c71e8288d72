/** What follows when a step has failed for good. */
export type OnFailure =
  | { readonly do: 'ask' | 'continue' | 'abort' | 'skip' }
  | { readonly do: 'branch'; readonly branch: string }
  /** Ends the round of this `repeat`; another one begins. */
  | { readonly do: 'next'; readonly repeat: string };

/** What follows for those beside it when a branch or an item fails: they are cancelled, or go on to their ends. */
export type JoinRule = 'cancel' | 'wait';

/** What follows when a process in the background is gone. */
export type WhenLost = 'restart' | 'warn' | 'fail';
