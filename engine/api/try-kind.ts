import { readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { Clock } from '../base/clock.ts';
import { Instant } from '../base/instant.ts';
import type { Json } from '../base/json.ts';
import type { ValueMap } from '../base/value.ts';
import { outsideKind } from '../kinds/outside/kind.ts';
import { problemsOfArgs } from '../load/schemas/kind-schema.ts';
import { admitOutput } from '../load/schemas/own-output.ts';
import { readOwnSchema } from '../load/schemas/own-schema.ts';
import type { OwnSchema } from '../load/schemas/own-schema.ts';
import { CODES } from '../model/codes.ts';
import type { Environment } from '../model/environment.ts';
import { Secret } from '../model/handle.ts';
import type { RunMode, StepContext, StepKind } from '../model/kind.ts';
import { StepError } from '../model/kind.ts';
import type { Effect } from '../model/playbook.ts';
import { SourceFile } from '../source/file.ts';
import { formatDiagnostic } from '../source/frame.ts';

export interface TryOptions {
  /** Its schema: `new URL('./own.rotate-key.schema.json', import.meta.url)`, or a path. */
  readonly schema: URL | string;
  readonly with?: ValueMap;
  /** What the environment holds: `{ databases: { main: … } }`. */
  readonly environment?: ValueMap;
  readonly mode?: RunMode;
  readonly onlyReads?: boolean;
  /** What an earlier life of the step saved. */
  readonly checkpoint?: Json;
  /** What each secret that the kind asks for is. Without it, asking for one fails. */
  readonly secret?: string;
  readonly signal?: AbortSignal;
}

/** What a kind did when it was tried. */
export interface Tried {
  readonly output: ValueMap;
  readonly effect: Effect;
  readonly describe: string;
  readonly logs: readonly string[];
  /** `external: reason` and `working`, in their order. */
  readonly activities: readonly string[];
  readonly checkpoints: readonly Json[];
}

/**
 * Runs a kind once, as a run would, for its tests. Its `with` is held against its schema before, its output
 * after, and the code of a `StepError` against `x-errors`; what does not hold is thrown as an Error that says
 * what is wrong. A `StepError` that the schema names is thrown as it is.
 */
export async function tryKind<With, Output>(
  kind: StepKind<With, Output>,
  options: TryOptions,
): Promise<Tried> {
  const schema = schemaOf(kind.name, options.schema);
  const args = options.with ?? {};
  const problems = problemsOfArgs(schema.kind, args);
  if (problems.length > 0) throw new Error(`${kind.name} does not take this: ${problems.join('; ')}`);
  // Its `with` is what the schema takes, and so is what the kind says that it takes.
  const guarded = outsideKind(kind as unknown as StepKind, {
    trusted: true,
    admit: (output) => admitOutput(schema, output),
  });
  const seen = { logs: [], activities: [], checkpoints: [] };
  try {
    const output = await guarded.run(args, contextOf(options, seen));
    return { output, effect: guarded.effect(args), describe: guarded.describe(args), ...seen };
  } catch (error) {
    if (error instanceof StepError) checkCode(kind.name, schema, error);
    throw error;
  }
}

function schemaOf(name: string, place: URL | string): OwnSchema {
  const path = typeof place === 'string' ? place : fileURLToPath(place);
  const schema = readOwnSchema(new SourceFile(path, readFileSync(path, 'utf8')), name);
  if (schema.ok) return schema.value;
  throw new Error(schema.error.map((problem) => formatDiagnostic(problem, { color: false })).join('\n'));
}

function checkCode(name: string, { kind }: OwnSchema, { code, message }: StepError): void {
  if (code === CODES.badOutput) throw new Error(message);
  // Where a provider gives codes of its own, nobody has a list of them.
  if (kind.errors.includes(code) || kind.errorClasses.length > 0) return;
  throw new Error(
    `${name} fails with the code ${code}, which x-errors of its schema does not name: ${message}`,
  );
}

interface Seen {
  readonly logs: string[];
  readonly activities: string[];
  readonly checkpoints: Json[];
}

function contextOf(options: TryOptions, seen: Seen): StepContext {
  const environment: Environment = {
    name: 'test',
    kind: 'sandbox',
    data: options.environment ?? {},
    policy: { typedNames: 'never', allowScripts: true },
    file: new SourceFile('', ''),
  };
  return {
    run: { id: '20260101-1200-test', mode: options.mode ?? 'drill', folder: tmpdir() },
    step: 'theStep',
    environment,
    onlyReads: options.onlyReads ?? false,
    clock: machineClock,
    signal: options.signal ?? new AbortController().signal,
    secrets: {
      reveal: () =>
        options.secret === undefined
          ? Promise.reject(new Error('the kind asks for a secret: give tryKind one'))
          : Promise.resolve(new Secret(options.secret)),
      conceal: () => undefined,
    },
    resourceName: (suffix) => ['drillbook-test-thestep', suffix].filter(Boolean).join('-'),
    identify: () => Promise.reject(new Error('there is no target to ask in a test of a kind')),
    created: () => false,
    checkpoint: options.checkpoint,
    saveCheckpoint(data) {
      seen.checkpoints.push(data);
      return Promise.resolve();
    },
    waiting: (why) => seen.activities.push(`${why.class}: ${why.reason}`),
    working: () => seen.activities.push('working'),
    log: (line) => seen.logs.push(line),
    progress: () => undefined,
  };
}

const machineClock: Clock = {
  now: () => Instant.fromMillis(Date.now()),
  monotonic: () => performance.now(),
  uptime: () => performance.now(),
  sleep: (millis, signal) =>
    sleep(millis, undefined, signal === undefined ? {} : { signal }).catch(() => undefined),
};
