import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import type { ValueMap } from '../../../engine/base/value.ts';
import type { Identity } from '../../../engine/model/environment.ts';
import type { Answer, Operator, Question } from '../../../engine/model/ports.ts';
import type { StepKind, StepTable } from '../../../engine/model/kind.ts';
import { StepError } from '../../../engine/model/kind.ts';
import { beginCommand } from '../../../engine/kinds/shell/client/background.ts';
import type { FakeKind } from '../../rig/fake-steps.ts';
import { fakeKind } from '../../rig/fake-steps.ts';

/**
 * A world that is one file of lines, so that it survives its process and shows whether
 * anything happened twice: `effect <key>` once for each effect, `call <key>` for each call.
 */
export class World {
  readonly #file: string;

  constructor(file: string) {
    this.#file = file;
  }

  /** On the file before it returns, as a provider that has answered. */
  effect(key: string): void {
    appendFileSync(this.#file, `effect ${key}\n`);
  }

  /** How often this was called, this call included. */
  called(key: string): number {
    appendFileSync(this.#file, `call ${key}\n`);
    return this.lines.filter((line) => line === `call ${key}`).length;
  }

  has(key: string): boolean {
    return this.lines.includes(`effect ${key}`);
  }

  /** There while the process in the background lives. */
  get lock(): string {
    return `${this.#file}.lock`;
  }

  get file(): string {
    return this.#file;
  }

  get lines(): readonly string[] {
    return existsSync(this.#file) ? readFileSync(this.#file, 'utf8').split('\n').slice(0, -1) : [];
  }
}

const ALONE = [
  // First: a process that is ended between the two would leave the lock.
  'trap \'rmdir "$LOCK" 2>/dev/null; exit\' TERM',
  'mkdir "$LOCK" || { echo "effect two at once" >>"$WORLD"; exit 1; }',
  'while true; do sleep 1 & wait $!; done',
].join('\n');

const madeBy = (step: string): ValueMap => ({ id: `made-by-${step}` });

/** Step kinds in every relation to crashes: repeatable, reconcilable, re-attachable, and one that nobody can tell about. */
export function stepKinds(world: World): StepTable {
  const make = (_: ValueMap, { step }: { readonly step: string }): Promise<ValueMap> => {
    world.effect(step);
    return Promise.resolve(madeBy(step));
  };
  const reconcile: NonNullable<StepKind['reconcile']> = (_, { step }) =>
    Promise.resolve(
      world.has(step) ? { verdict: 'happened', output: madeBy(step) } : { verdict: 'notHappened' },
    );
  let looks = 0;
  const kinds: Readonly<Record<string, FakeKind>> = {
    read: { run: (args) => Promise.resolve({ ...args }) },
    manual: { effect: 'none', people: 'manual' },
    write: { effect: 'write', run: make, reconcile },
    destroy: { effect: 'destructive', run: make, reconcile },
    blind: { effect: 'write', run: make },
    // Fails twice before it works.
    flaky: {
      effect: 'write',
      reconcile,
      run: (args, context) =>
        world.called(context.step) < 3
          ? Promise.reject(new StepError('try later', { code: '503', retryable: true }))
          : make(args, context),
    },
    broken: {
      effect: 'write',
      run: () => Promise.reject(new StepError('it broke', { code: 'broken', changed: 'maybe' })),
    },
    // Begins a job at a provider, finds it again by its name or by what it remembers, and waits for its end.
    long: {
      effect: 'write',
      run: async (_, context) => {
        const { step, checkpoint, clock } = context;
        if (checkpoint === undefined && !world.has(`${step}:begin`)) {
          world.effect(`${step}:begin`);
          await context.saveCheckpoint({ job: step });
        }
        context.waiting({ class: 'external', reason: 'the provider works' });
        await clock.sleep(1);
        context.working();
        world.effect(`${step}:end`);
        return madeBy(step);
      },
      reconcile: (_, { step }) =>
        Promise.resolve(
          world.has(`${step}:end`)
            ? { verdict: 'happened', output: madeBy(step) }
            : { verdict: world.has(`${step}:begin`) ? 'reattach' : 'notHappened' },
        ),
    },
    // A real process, that notices when it is not alone.
    process: {
      effect: 'write',
      begin: (_, context) =>
        beginCommand(
          {
            file: 'bash',
            argv: ['--norc', '-c', ALONE],
            env: { PATH: process.env['PATH'] ?? '', LOCK: world.lock, WORLD: world.file },
            cwd: '/',
            stdin: undefined,
            onLine: (line) => world.effect(`process: ${line}`),
          },
          context,
        ),
    },
    // Never at the first look: whether the process was quick would else be a difference between two runs.
    locked: { run: () => Promise.resolve({ up: looks++ > 0 && existsSync(world.lock) }) },
    never: { run: () => Promise.resolve({ up: false }) },
    // Fails once what goes on beside it waits.
    slowToBreak: {
      effect: 'read',
      run: async (_, { clock, signal }) => {
        while (!world.has('both/waiting/made') && !signal.aborted) await clock.sleep(1);
        await clock.sleep(30);
        throw new StepError('it broke', { code: 'broken' });
      },
    },
    // What a step has broken is so until it is mended.
    sick: {
      run: ({ of }) =>
        Promise.resolve({ sick: world.has(typeof of === 'string' ? of : '') && !world.has('mend') }),
    },
    // Turns green some readings after the write it looks at.
    health: {
      run: ({ of }, { step }) => Promise.resolve({ up: world.called(`${step} ${JSON.stringify(of)}`) > 2 }),
    },
  };
  return {
    load: (name) => Promise.resolve(fakeKind(name, kinds[name] ?? {})),
    validate: () => Promise.resolve([]),
    identify: (): Promise<Identity> => Promise.resolve({ verdict: 'match', facts: {} }),
  };
}

/** Answers alike in every life, and about doubts with the truth. */
export function truthfulOperator(world: World): Operator {
  const answer = (question: Question): Answer => {
    const { type, key, id } = question;
    switch (type) {
      case 'gate':
        return { answer: 'go', values: { typed: question.typed ?? '' } };
      case 'manual':
        if (id === 'call') return { answer: 'switch', reason: 'nobody answers' };
        return { answer: 'done', values: { said: 'yes' } };
      case 'failure':
        return id === 'fatal'
          ? { answer: 'abort', reason: 'no use' }
          : { answer: 'accept', reason: 'known and harmless' };
      case 'doubt':
        return world.has(key) ? { answer: 'happened', values: madeBy(key) } : { answer: 'notHappened' };
      case 'input':
        return { answer: 'value', values: { value: 7 } };
      case 'tabletop':
        return { answer: 'would' };
      case 'branch':
        return {
          answer: 'branch',
          values: { branch: question.branches.some(({ name }) => name === 'second') ? 'second' : 'third' },
        };
      case 'debt':
        return { answer: id === 'silence' ? 'leave' : 'pay' };
    }
  };
  return { name: 'ada', ask: (question) => Promise.resolve(answer(question)) };
}
