import { readAnswers } from '../answers.ts';
import type { ExitCode } from '../exit.ts';
import { resumableRun } from '../run/choose.ts';
import { resumeRun } from '../run/resume.ts';
import type { SessionOptions } from '../run/session.ts';
import { openStore } from '../run/store.ts';

export interface ResumeOptions extends SessionOptions {
  readonly answers?: string;
  readonly yes?: boolean;
}

/** `drillbook resume [RUN]`. */
export async function resume(run: string | undefined, options: ResumeOptions): Promise<ExitCode> {
  const store = await openStore(options.store);
  const given = { answers: await readAnswers(options.answers), yes: options.yes };
  return resumeRun(run ?? (await resumableRun(store)), given, options);
}
