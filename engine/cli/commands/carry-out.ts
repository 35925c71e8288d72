import { CommandError, EXIT } from '../exit.ts';
import type { ExitCode } from '../exit.ts';
import { resumeRun } from '../run/resume.ts';
import { openStore } from '../run/store.ts';
import { expectOwnFiles } from '../worker/own-files.ts';
import { listenForOrders } from '../worker/orders.ts';
import { watchQuestions } from '../worker/patience.ts';

export interface CarryOutOptions {
  readonly store?: string;
  readonly playbooks: string;
}

/** What a worker starts for each run: goes on with it unattended, for whoever asked for it. */
export async function carryOut(run: string, options: CarryOutOptions): Promise<ExitCode> {
  if (process.send === undefined)
    throw new CommandError('this command is what a worker starts for a run', { exitCode: EXIT.invalid });
  const interrupts = listenForOrders();
  const onEvent = watchQuestions((asks) => interrupts.rest(asks));
  try {
    const [started] = await (await openStore(options.store)).read(run);
    if (started?.type === 'run.started') await expectOwnFiles(started, options.playbooks);
    const operator = started?.type === 'run.started' ? started.operator : undefined;
    return await resumeRun(
      run,
      { answers: {} },
      {
        ...options,
        unattended: true,
        ...{ interrupts, onEvent, waits: true },
        ...(operator !== undefined && { operator }),
      },
    );
  } finally {
    interrupts.release();
  }
}
