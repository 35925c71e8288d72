import type { Phase, Step } from '../../model/playbook.ts';
import type { Frame } from '../life/frame.ts';

/** A phase that checks the result: its id or its title is `verify`, however it is written. */
export function verifies({ id, title }: Phase): boolean {
  return id.toLowerCase() === 'verify' || title.trim().toLowerCase() === 'verify';
}

/**
 * Whether a step checks the result of the recovery. It does when it stands in a phase
 * called `Verify`, at any depth, or carries the mark `verified`. When such a step does not
 * come out well and the run goes on all the same, the run ends as `failedVerification`.
 */
export function isVerification(frame: Pick<Frame, 'verifies'>, step: Step): boolean {
  return frame.verifies || step.mark.includes('verified');
}
