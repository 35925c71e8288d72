/** `unproven`: there is no evidence for a figure. It is never a success. */
export type Verdict = 'met' | 'missed' | 'unproven';
