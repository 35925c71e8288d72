import { describe, expect, it } from 'vitest';
import { createEvaluator } from '../../engine/expression/evaluator.ts';
import { planSteps } from '../../engine/interpret/plan.ts';
import { rehearse } from '../../engine/interpret/rehearse.ts';
import type { EnvironmentKind } from '../../engine/model/environment.ts';
import type { RunMode, StepKind } from '../../engine/model/kind.ts';
import type { FakeKind } from '../rig/fake-steps.ts';
import { endings, environment, life, ofType, setUp } from '../rig/interpreter.ts';
import type { LifeOptions } from '../rig/interpreter.ts';
import type { NodeForm, PlaybookForm } from '../rig/playbook.ts';

/** What was run, and whether it was held to reading. */
type Runs = string[];

type Reading = ReturnType<NonNullable<StepKind['asReading']>>;

function scripts(runs: Runs, effect: FakeKind['effect'] = 'unknown'): LifeOptions['kinds'] {
  const script = (name: string, reading?: Reading): FakeKind => ({
    effect,
    ...(reading !== undefined && { asReading: () => reading }),
    run(_, { onlyReads }) {
      runs.push(`${name} ${onlyReads ? 'reads' : 'may do anything'}`);
      return Promise.resolve({ good: true });
    },
  });
  return {
    held: script('held', 'held'),
    believed: script('believed'),
    contradicts: script('contradicts', { contradiction: 'it deletes' }),
    break: {},
    read: {},
  };
}

const each = (forEach: Extract<NodeForm, { forEach: unknown }>['forEach'], step: NodeForm): NodeForm => ({
  id: 'loop',
  forEach,
  steps: [step],
});

const probe = (uses: string) => ({ uses, that: 'output.good' });

/** Every place in which a playbook says of something that it only reads. */
const PLACES: Readonly<Record<string, (uses: string) => PlaybookForm>> = {
  'a step': (uses) => ({ steps: [{ id: 's', uses, effect: 'read', onFailure: 'continue' }] }),
  'a step that does nothing': (uses) => ({
    steps: [{ id: 's', uses, effect: 'none', onFailure: 'continue' }],
  }),
  'a loop in batches': (uses) => ({
    steps: [each({ in: ['a'], batch: 5, tolerate: 1 }, { id: 's', uses, effect: 'read' })],
  }),
  'a guard': (uses) => ({ steps: [{ id: 's', uses: 'read', guard: probe(uses), onFailure: 'continue' }] }),
  'a requirement': (uses) => ({
    steps: [{ id: 's', uses: 'read', require: [probe(uses)], onFailure: 'continue' }],
  }),
  until: (uses) => ({ steps: [{ id: 's', uses: 'read', until: probe(uses), onFailure: 'continue' }] }),
};

describe.each(Object.entries(PLACES))('what is said to only read in %s', (_, form) => {
  const drill = async (uses: string, allowScripts: boolean): Promise<Runs> => {
    const runs: Runs = [];
    await life(form(uses), {
      kinds: scripts(runs),
      environment: environment('staging', { policy: { allowScripts } }),
    });
    return runs;
  };

  it('is held to that by a kind that can', async () => {
    expect(await drill('held', false)).toEqual(['held reads']);
  });

  it('is believed in a drill only where scripts may write', async () => {
    expect(await drill('believed', false)).toEqual([]);
    expect(await drill('believed', true)).toEqual(['believed reads']);
  });

  it('is not done where it cannot be so', async () => {
    expect(await drill('contradicts', true)).toEqual([]);
  });
});

describe('in a rehearsal', () => {
  async function rehearsal(form: PlaybookForm, allowScripts: boolean) {
    const runs: Runs = [];
    const { options, events } = setUp(
      {
        rehearsals: { whole: { fault: { uses: 'break', with: {} }, answers: {} } },
        ...form,
      },
      {
        kinds: scripts(runs),
        environment: environment('staging', { policy: { allowScripts } }),
      },
    );
    const [plan] = options.playbook.rehearsals;
    const world = {
      baseline: () => Promise.resolve(),
      inject: () => Promise.resolve({ description: 'broken', output: { at: options.clock.now() } }),
    };
    const result = await rehearse({ ...options, rehearsal: plan!, world }).catch((error: unknown) => ({
      error,
    }));
    return { runs, events, result };
  }

  it('a probe that cannot be asked is not taken for a red one', async () => {
    const detect = [{ uses: 'believed', that: 'output.good == false' }];
    const { runs, events } = await rehearsal({ detect, steps: [{ id: 's', uses: 'read' }] }, false);
    expect(runs).toEqual([]);
    // That is found out while nothing is broken yet.
    expect(ofType(events, 'mark.set')).toEqual([]);
    expect(ofType(events, 'run.finished')[0]?.reason).toMatch(/believed cannot be asked/);
  });

  it('nor is a check', async () => {
    const check: NodeForm = { id: 's', uses: 'believed', effect: 'read', assert: [{ that: 'output.good' }] };
    const { events } = await rehearsal({ steps: [{ phase: 'Verify', steps: [check] }] }, false);
    expect(ofType(events, 'check.proved')).toMatchObject([{ verdict: 'notAimable' }]);
  });
});

describe('what is said is shown', () => {
  const script = (uses: string): NodeForm => ({
    id: uses,
    uses,
    effect: 'read',
    confirm: { message: 'Go?' },
  });

  it('at the gate', async () => {
    const { operator } = await life([script('believed'), script('held')], {
      kinds: scripts([]),
      mode: 'recover',
      environment: environment('production'),
      answers: { believed: 'go', held: 'go' },
    });
    expect(operator.asked).toMatchObject([{ key: 'believed', believed: true }, { key: 'held' }]);
    expect(operator.asked[1]).not.toHaveProperty('believed');
  });

  it('in the plan, where what cannot be so is unknown', async () => {
    const { options } = setUp([script('believed'), script('held'), script('contradicts')], {
      kinds: scripts([]),
    });
    const { playbook, environment: env, steps } = options;
    const plan = await planSteps({
      playbook,
      environment: env,
      steps,
      evaluator: createEvaluator(),
      inputs: {},
      now: null,
    });
    expect(plan.map(({ key, effect, believed }) => [key, effect, believed === true])).toEqual([
      ['believed', 'read', true],
      ['held', 'read', false],
      ['contradicts', 'unknown', false],
    ]);
  });
});

it('what a kind knows of itself outranks what its step says', async () => {
  const runs: Runs = [];
  const { events } = await life([{ id: 's', uses: 'held', effect: 'read', onFailure: 'continue' }], {
    kinds: scripts(runs, 'write'),
    environment: environment('production', { policy: { allowScripts: true } }),
  });
  expect(runs).toEqual([]);
  expect(endings(events)).toEqual({ s: 'failed/tolerated' });
});

describe('a batch asks nobody, so that it does nothing that somebody would have to see', () => {
  const run = async (
    effect: 'write' | 'destructive',
    {
      mode = 'recover',
      kind = 'production',
      confirm = false,
    }: { mode?: RunMode; kind?: EnvironmentKind; confirm?: boolean },
  ): Promise<number> => {
    const step: NodeForm = { id: 's', uses: 'do', effect, idempotent: true };
    const node = each({ in: ['a'], batch: 5, ...(confirm && { confirm: { message: 'All?' } }) }, step);
    const { steps } = await life([node], {
      kinds: { do: { effect: 'unknown' } },
      mode,
      environment: environment(kind, { policy: { allowScripts: true } }),
      answers: { loop: 'go' },
    });
    return steps.runs.length;
  };

  it('of what writes, a drill does nothing in production', async () => {
    expect(await run('write', { mode: 'drill' })).toBe(0);
    expect(await run('write', { mode: 'drill', kind: 'staging' })).toBe(1);
  });

  it('what destroys is done once the whole loop was seen', async () => {
    expect(await run('destructive', {})).toBe(0);
    expect(await run('destructive', { confirm: true })).toBe(1);
    expect(await run('write', {})).toBe(1);
  });
});
