import type { ProgramName } from '../base/programs.ts';
import type { Handle } from './handle.ts';

/** Something that a step will need, and that can be looked for before the step begins. */
export type Need =
  | { readonly type: 'program'; readonly name: ProgramName }
  | { readonly type: 'secret'; readonly handle: Handle }
  /** The name of a host. */
  | { readonly type: 'address'; readonly host: string }
  /** The host in the address that a secret is. */
  | { readonly type: 'addressIn'; readonly handle: Handle };

/** What is wrong with it, and what to do. */
export interface Lack {
  readonly what: string;
  readonly hint?: string;
}
