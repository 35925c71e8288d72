import { describe, expect, it } from 'vitest';
import { createEvaluator } from '../../engine/expression/evaluator.ts';
import { planSteps } from '../../engine/interpret/plan.ts';
import { loadPlaybook } from '../../engine/load/playbook.ts';
import type { Playbook } from '../../engine/model/playbook.ts';
import { SourceFile } from '../../engine/source/file.ts';
import { FakeSteps } from '../rig/fake-steps.ts';
import { endings, environment, life } from '../rig/interpreter.ts';

/** Five thousand values that each use the one before, and steps that ask for the last. */
async function chain(first: string, steps: string): Promise<Playbook> {
  const values = Array.from({ length: 4999 }, (_, index) => `  v${index + 1}: \${{ vars.v${index} }}\n`);
  const text = `version: 1\nid: chain\ntitle: Chain\nsummary: A chain.\nlet:\n  v0: ${first}\n${values.join('')}steps:\n${steps}`;
  const { value, diagnostics } = await loadPlaybook(new SourceFile('chain.yaml', text), {
    ids: () => Promise.resolve([]),
    find: () => Promise.resolve(undefined),
  });
  expect(diagnostics.map(({ code, message }) => `${code} ${message}`)).toEqual([]);
  return value!;
}

const kinds = { assert: {} };

const step = (id: string, when: string): string => `  - { id: ${id}, uses: assert, when: '${when}' }\n`;

describe('the last of thousands of values that use each other is known', () => {
  it('in a run, as soon as what the first one asks for is there', async () => {
    const playbook = await chain(
      '${{ steps.first.outcome }}',
      step('first', 'true') +
        step('yes', 'vars.v4999 == "succeeded"') +
        step('no', 'vars.v4999 != "succeeded"'),
    );
    const { events } = await life([], { kinds, options: { playbook } });
    expect(endings(events)).toMatchObject({ first: 'succeeded/ok', yes: 'succeeded/ok', no: 'skipped/ok' });
  });

  it('in a plan', async () => {
    const playbook = await chain(
      'one',
      step('yes', 'vars.v4999 == "one"') + step('no', 'vars.v4999 == "two"'),
    );
    const planned = await planSteps({
      playbook,
      environment: environment('sandbox'),
      steps: new FakeSteps(kinds),
      evaluator: createEvaluator(),
      inputs: {},
      now: null,
    });
    expect(planned.map(({ key, runs }) => [key, runs])).toEqual([
      ['yes', 'yes'],
      ['no', 'no'],
    ]);
  });
});
