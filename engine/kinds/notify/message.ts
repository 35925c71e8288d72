import type { StepContext } from '../../model/kind.ts';

/** What people are told, and what a way of telling them may need beside the text. */
export interface Message {
  readonly text: string;
  /** One line: the subject of a mail, the summary of an incident. */
  readonly subject: string;
  readonly event: 'trigger' | 'acknowledge' | 'resolve';
  readonly severity: 'critical' | 'error' | 'warning' | 'info' | undefined;
}

/** What a way needs of the step that it speaks for. */
export type Speaker = Pick<
  StepContext,
  'run' | 'step' | 'environment' | 'secrets' | 'signal' | 'clock' | 'log'
>;

/** So that nobody is called to an incident that is an exercise. */
export const announced = (text: string, { run }: Pick<Speaker, 'run'>): string =>
  run.mode === 'drill' ? `[drill] ${text}` : text;
