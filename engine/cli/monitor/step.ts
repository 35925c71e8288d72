import { join } from 'node:path';
import type { Json } from '../../base/json.ts';
import type { ValueMap } from '../../base/value.ts';
import { readArgs } from '../../load/read-args.ts';
import { validateArgs } from '../../load/stepschema.ts';
import type { Store } from '../../journal/store.ts';
import type { Environment } from '../../model/environment.ts';
import { StepError } from '../../model/kind.ts';
import type { StepContext } from '../../model/kind.ts';
import { createStepTable } from '../../kinds/index.ts';
import { createSecretResolver } from '../../kinds/environment/secrets.ts';
import { systemClock } from '../clock.ts';
import { earlierSaid } from '../run/earlier.ts';
import { printError } from '../terminal.ts';

/** Where a step of the monitor is carried out. */
export interface Bench {
  readonly environment: Environment;
  /** For what a step writes. */
  readonly folder: string;
  /** What earlier runs said is looked for there. */
  readonly store: Store;
  readonly onReveal: (text: string) => void;
  readonly signal: AbortSignal;
}

/** A step outside of a run. The name takes the place of the run's: what is told under it belongs together. */
export async function runStep(
  bench: Bench,
  step: {
    readonly name: string;
    readonly uses: string;
    readonly args: ValueMap;
    readonly checkpoint?: Json;
    readonly saveCheckpoint?: (data: Json) => Promise<void>;
  },
): Promise<ValueMap> {
  const { environment, signal } = bench;
  const table = createStepTable({ validateArgs, readArgs });
  const secrets = createSecretResolver(() => environment, bench.onReveal);
  const problems = await table.validate(step.uses, step.args);
  if (problems.length > 0) throw new StepError(`with: ${problems.join('; ')}`, { code: 'invalidWith' });
  const kind = await table.load(step.uses);
  for (const use of kind.targets(step.args)) {
    const identity = await table.identify(use, environment, secrets, signal);
    if (identity.verdict === 'mismatch') {
      throw new StepError(
        `${use.path ?? use.group} is not what the environment says: ${identity.reason ?? ''}`,
        {
          code: 'mismatch',
        },
      );
    }
  }
  const context: StepContext = {
    run: { id: `monitor-${step.name}`, mode: 'recover', folder: join(bench.folder, 'monitor') },
    step: step.name,
    environment,
    onlyReads: true,
    clock: systemClock,
    signal,
    secrets,
    resourceName: (suffix) => ['drillbook-monitor', step.name, suffix].filter(Boolean).join('-'),
    earlier: (playbook, said) => earlierSaid(bench.store, environment, playbook, said),
    identify: (use) => table.identify(use, environment, secrets, signal),
    created: () => false,
    checkpoint: step.checkpoint,
    saveCheckpoint: step.saveCheckpoint ?? (() => Promise.resolve()),
    waiting: () => undefined,
    working: () => undefined,
    log: printError,
    progress: () => undefined,
  };
  return kind.run(step.args, context);
}
