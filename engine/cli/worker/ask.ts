import { output } from '../../report/output.ts';
import { EXIT } from '../exit.ts';
import type { ExitCode } from '../exit.ts';
import { invocation } from '../invocation.ts';
import type { RunRequest } from '../run/request.ts';
import type { SessionOptions } from '../run/session.ts';
import { printJson, say, sayCommand } from '../terminal.ts';
import { queueRun } from './request.ts';
import { sharedStore } from './shared-store.ts';

/** `--queue`: asks for a run, and says which it is. */
export async function askFor(
  request: RunRequest,
  options: SessionOptions & { readonly key?: string },
): Promise<ExitCode> {
  const { key } = options;
  const address = sharedStore(options.store);
  const queued = await queueRun(request, { address, ...(key !== undefined && { key }) }, options);
  const { run, environment, isNew } = queued;
  if (options.json === true) {
    printJson(output('queued', { ...queued }));
    return EXIT.done;
  }
  say(
    isNew
      ? `Run ${run} waits for a worker of ${environment}.`
      : `It was asked for already: that is run ${run}, in ${environment}.`,
  );
  sayCommand('What becomes of it:', invocation(`report ${run}`));
  return EXIT.done;
}
