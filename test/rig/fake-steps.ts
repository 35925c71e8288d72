import type { ValueMap } from '../../engine/base/value.ts';
import type { Identity, TargetUse } from '../../engine/model/environment.ts';
import type { StepContext, StepKind, StepTable } from '../../engine/model/kind.ts';

export type FakeKind = Partial<Omit<StepKind, 'name' | 'effect'>> & {
  readonly effect?: ReturnType<StepKind['effect']> | StepKind['effect'];
};

/** A step kind in a few words: does nothing and reads, unless said otherwise. */
export function fakeKind(name: string, fake: FakeKind): StepKind {
  const { effect = 'read', ...rest } = fake;
  return {
    name,
    describe: () => `do ${name}`,
    targets: () => [],
    run: () => Promise.resolve({}),
    ...rest,
    effect: typeof effect === 'function' ? effect : () => effect,
  };
}

/** A table of fake kinds that counts what is run. */
export class FakeSteps implements StepTable {
  /** `<step key> <kind>` for each call of `run`. */
  readonly runs: string[] = [];
  readonly #kinds: ReadonlyMap<string, StepKind>;
  readonly #identity: (use: TargetUse) => Identity;

  constructor(
    kinds: Readonly<Record<string, FakeKind>>,
    identity: (use: TargetUse) => Identity = () => ({ verdict: 'match', facts: {} }),
  ) {
    this.#kinds = new Map(Object.entries(kinds).map(([name, fake]) => [name, fakeKind(name, fake)]));
    this.#identity = identity;
  }

  load(name: string): Promise<StepKind> {
    const kind = this.#kinds.get(name);
    if (kind === undefined) return Promise.reject(new Error(`no kind ${name}`));
    const counted: StepKind['run'] = (args: ValueMap, context: StepContext) => {
      this.runs.push(`${context.step} ${name}`);
      return kind.run(args, context);
    };
    return Promise.resolve({ ...kind, run: counted });
  }

  validate(): Promise<readonly string[]> {
    return Promise.resolve([]);
  }

  identify(use: TargetUse): Promise<Identity> {
    return Promise.resolve(this.#identity(use));
  }

  /** How often steps of this kind were run. */
  count(kind: string): number {
    return this.runs.filter((run) => run.endsWith(` ${kind}`)).length;
  }
}
