import { createFolderStore } from '../../journal/folder-store.ts';
import { Redactor } from '../../journal/redact.ts';
import { readAnswers } from '../answers.ts';
import { systemClock } from '../clock.ts';
import type { ExitCode } from '../exit.ts';
import { storeFolder } from '../paths.ts';
import { resumableRun } from '../run/choose.ts';
import { resumeRun } from '../run/resume.ts';
import type { SessionOptions } from '../run/session.ts';

export interface ResumeOptions extends SessionOptions {
  readonly answers?: string;
  readonly yes?: boolean;
}

/** `drillbook resume [RUN]`. */
export async function resume(run: string | undefined, options: ResumeOptions): Promise<ExitCode> {
  const store = createFolderStore(storeFolder(options.store), {
    clock: systemClock,
    redactor: new Redactor(),
  });
  const given = { answers: await readAnswers(options.answers), yes: options.yes };
  return resumeRun(run ?? (await resumableRun(store)), given, options);
}
