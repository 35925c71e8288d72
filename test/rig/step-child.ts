import { readdir } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { Instant } from '../../engine/base/instant.ts';
import type { Json } from '../../engine/base/json.ts';
import type { ValueMap } from '../../engine/base/value.ts';
import type { Environment } from '../../engine/model/environment.ts';
import { StepError } from '../../engine/model/kind.ts';
import { SourceFile } from '../../engine/source/file.ts';
import { readArgs } from '../../engine/load/read-args.ts';
import { validateArgs } from '../../engine/load/stepschema.ts';
import { createStepTable } from '../../engine/kinds/index.ts';
import { createSecretResolver } from '../../engine/kinds/environment/secrets.ts';

/** What a life of a step is told. */
export interface StepOrder {
  readonly kind: string;
  readonly args: ValueMap;
  readonly environment: ValueMap;
  /** The run's folder. */
  readonly folder: string;
  readonly checkpoint?: Json;
  /** Whether the run created what it is about. */
  readonly created?: boolean;
  /** How much faster its clock goes, so that a checkpoint comes soon. */
  readonly hurry?: number;
  /** It stands still at each checkpoint until it gets a message. */
  readonly held?: boolean;
}

/** What it tells: what happened on the way, and how it ended. */
export type StepNews =
  | { readonly type: 'checkpoint'; readonly checkpoint: Json }
  | { readonly type: 'log'; readonly line: string }
  | {
      readonly type: 'end';
      readonly error: {
        readonly message: string;
        readonly code: string;
        readonly changed: string;
        readonly hint: string | undefined;
      } | null;
      /** What is in the run's folder now. */
      readonly left: readonly string[];
    };

/** One life of a step in a process of its own, for a test that kills it or puts it where a disk is full. */
process.once('message', (order: StepOrder) => {
  process.on('message', () => held.shift()?.());
  void live(order);
});

/** What lets checkpoints go on, in their order. */
const held: (() => void)[] = [];

const tell = (news: StepNews): Promise<void> =>
  new Promise((resolve) => {
    process.send?.(news, () => resolve());
  });

async function live({
  kind,
  args,
  environment: data,
  folder,
  checkpoint,
  created = false,
  hurry = 1,
  held: isHeld = false,
}: StepOrder): Promise<void> {
  const environment: Environment = {
    name: 'test',
    kind: 'sandbox',
    data,
    policy: { typedNames: 'never', allowScripts: true },
    file: new SourceFile('test.yaml', ''),
  };
  const step = await createStepTable({ validateArgs, readArgs }).load(kind);
  const failure = await step
    .run(args, {
      run: { id: '20251101-1200-abcd', mode: 'drill', folder },
      step: 'theStep',
      environment,
      onlyReads: false,
      clock: {
        monotonic: () => performance.now() * hurry,
        uptime: () => performance.now(),
        now: () => Instant.fromMillis(Date.now()),
        sleep: (millis, signal) => sleep(millis, undefined, { signal }),
      },
      signal: new AbortController().signal,
      secrets: createSecretResolver(
        () => environment,
        () => undefined,
      ),
      resourceName: (suffix) => ['drillbook-20251101-1200-abcd-thestep', suffix].filter(Boolean).join('-'),
      identify: () => Promise.reject(new Error('not asked for')),
      created: () => created,
      checkpoint,
      async saveCheckpoint(saved) {
        const goesOn = isHeld ? new Promise<void>((resolve) => held.push(resolve)) : undefined;
        await tell({ type: 'checkpoint', checkpoint: saved });
        await goesOn;
      },
      waiting: () => undefined,
      working: () => undefined,
      log: (line) => void tell({ type: 'log', line }),
      progress: () => undefined,
    })
    .then(
      () => undefined,
      (error: unknown) => error,
    );
  await tell({
    type: 'end',
    error: failure === undefined ? null : describe(failure),
    left: (await readdir(folder, { recursive: true })).sort(),
  });
  process.exit();
}

const describe = (error: unknown) =>
  error instanceof StepError
    ? {
        message: error.message,
        code: error.code,
        changed: error.changed,
        hint: error.hint,
      }
    : { message: String(error), code: 'no StepError', changed: '', hint: undefined };
