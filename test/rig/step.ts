import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { expect } from 'vitest';
import type { Clock } from '../../engine/base/clock.ts';
import { Instant } from '../../engine/base/instant.ts';
import type { Json } from '../../engine/base/json.ts';
import type { ValueMap } from '../../engine/base/value.ts';
import type { Environment } from '../../engine/model/environment.ts';
import type { SecretResolver } from '../../engine/model/handle.ts';
import type { StepContext, StepKind } from '../../engine/model/kind.ts';
import { readArgs } from '../../engine/load/read-args.ts';
import { validateArgs } from '../../engine/load/stepschema.ts';
import { codesOf } from '../../engine/load/resolve/codes.ts';
import { StepError } from '../../engine/model/kind.ts';
import { SourceFile } from '../../engine/source/file.ts';
import { createStepTable } from '../../engine/kinds/index.ts';
import { createSecretResolver } from '../../engine/kinds/environment/secrets.ts';

export function environmentWith(data: ValueMap): Environment {
  return {
    name: 'test',
    kind: 'sandbox',
    data,
    policy: { typedNames: 'never', allowScripts: true },
    file: new SourceFile('test.yaml', ''),
  };
}

/** A kind whose every output, and the code of every error, is held against its schema: playbooks are checked by that. */
export async function kindOf(name: string): Promise<StepKind> {
  const kind = await createStepTable({ validateArgs, readArgs }).load(name);
  const check = await outputCheck(name);
  return {
    ...kind,
    async run(args, context) {
      try {
        const output = await kind.run(args, context);
        check(output);
        return output;
      } catch (error) {
        if (error instanceof StepError) checkCode(name, error);
        throw error;
      }
    },
    async reconcile(args, context) {
      const found = (await kind.reconcile?.(args, context)) ?? {
        verdict: 'unknown',
        reason: 'no way to tell',
      };
      if (found.verdict === 'happened') check(found.output);
      return found;
    },
  };
}

function checkCode(name: string, { code, message }: StepError): void {
  const codes = codesOf([name]);
  const known = codes?.words.includes(code) === true || codes?.isOpen(code) === true;
  expect(known, `${name} fails with the code ${code} (${message}), which its x-errors do not name`).toBe(
    true,
  );
}

async function outputCheck(name: string): Promise<(output: ValueMap) => void> {
  const path = new URL(`../../schemas/steps/${name}.schema.json`, import.meta.url);
  const schema = JSON.parse(await readFile(path, 'utf8')) as { properties: { output: object } };
  const validate = new Ajv2020({ strict: false, allErrors: true }).compile(schema.properties.output);
  return (output) => {
    // Through JSON, in which times and durations are texts, as a schema sees them.
    validate(
      JSON.parse(
        JSON.stringify(output, (_key, value: unknown) => (typeof value === 'bigint' ? Number(value) : value)),
      ),
    );
    expect(validate.errors, `the output of ${name} against its schema`).toBeNull();
  };
}

export interface StepRig {
  readonly context: StepContext;
  readonly logs: readonly string[];
  /** `external: reason`, `working`, in their order. */
  readonly activities: readonly {
    readonly class: string;
    readonly reason: string;
    readonly modelledMs?: number;
    readonly modelledBy?: string;
  }[];
  readonly checkpoints: readonly Json[];
  /** Every text that a secret was revealed as. */
  readonly revealed: readonly string[];
  readonly abort: () => void;
}

/** What the interpreter gives a step, with everything kept that it says. */
export function stepRig(
  options: {
    readonly environment?: ValueMap;
    readonly checkpoint?: Json;
    readonly onlyReads?: boolean;
    readonly clock?: Clock;
    readonly onLog?: (line: string) => void;
    readonly secrets?: SecretResolver;
    readonly created?: StepContext['created'];
  } = {},
): StepRig {
  const environment = environmentWith(options.environment ?? {});
  const abort = new AbortController();
  const logs: string[] = [];
  const activities: { class: string; reason: string; modelledMs?: number; modelledBy?: string }[] = [];
  const checkpoints: Json[] = [];
  const revealed: string[] = [];
  const context: StepContext = {
    run: { id: '20251101-1200-abcd', mode: 'drill', folder: '/nonexistent' },
    step: 'theStep',
    environment,
    onlyReads: options.onlyReads ?? false,
    clock: options.clock ?? hurriedClock(),
    signal: abort.signal,
    secrets:
      options.secrets ??
      createSecretResolver(
        () => environment,
        (text) => revealed.push(text),
      ),
    resourceName: (suffix) => ['drillbook-20251101-1200-abcd-thestep', suffix].filter(Boolean).join('-'),
    identify: () => Promise.reject(new Error('not asked for')),
    created: options.created ?? (() => false),
    checkpoint: options.checkpoint,
    saveCheckpoint(data) {
      checkpoints.push(data);
      return Promise.resolve();
    },
    waiting: (why) => activities.push(why),
    working: () => activities.push({ class: 'working', reason: '' }),
    log(line) {
      logs.push(line);
      options.onLog?.(line);
    },
    progress: () => undefined,
  };
  return { context, logs, activities, checkpoints, revealed, abort: () => abort.abort(new Error('stopped')) };
}

/** The error that a step foresaw; anything else fails the test. */
export async function failureOf(work: Promise<unknown>): Promise<StepError> {
  try {
    await work;
  } catch (error) {
    if (error instanceof StepError) return error;
    throw error;
  }
  throw new Error('it did not fail');
}

/** A clock on which a sleep is over almost at once, and still counts in full. */
export function hurriedClock(): Clock {
  let ahead = 0;
  return {
    now: () => Instant.fromMillis(Date.now() + ahead),
    monotonic: () => performance.now() + ahead,
    uptime: () => performance.now() + ahead,
    async sleep(millis, signal) {
      const real = Math.min(millis, 10);
      await sleep(real, undefined, signal === undefined ? {} : { signal }).catch(() => undefined);
      if (signal?.aborted !== true) ahead += millis - real;
    },
  };
}

/** The machine's own clock, for steps whose counterpart looks at it too. */
export const realClock: Clock = {
  now: () => Instant.fromMillis(Date.now()),
  monotonic: () => performance.now(),
  uptime: () => performance.now(),
  sleep: (millis, signal) =>
    sleep(millis, undefined, signal === undefined ? {} : { signal }).catch(() => undefined),
};
