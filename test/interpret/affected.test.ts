import { describe, expect, it } from 'vitest';
import { createEvaluator } from '../../engine/expression/evaluator.ts';
import { affectedBy } from '../../engine/interpret/life/affected.ts';
import { loadPlaybook } from '../../engine/load/playbook.ts';
import type { Playbook } from '../../engine/model/playbook.ts';
import { SourceFile } from '../../engine/source/file.ts';

const evaluator = createEvaluator();

async function playbookOf(...lines: readonly string[]): Promise<Playbook> {
  const head = [
    'version: 1',
    'id: affected',
    'title: T',
    'summary: S',
    'inputs: { at: { prompt: At, type: text } }',
  ];
  const text = [...head, ...lines].join('\n');
  const loaded = await loadPlaybook(new SourceFile('affected.yaml', text), {
    find: () => Promise.resolve(undefined),
    ids: () => Promise.resolve([]),
  });
  expect(loaded.diagnostics.map(({ message }) => message)).toEqual([]);
  if (loaded.value === undefined) throw new Error('the playbook was not loaded');
  return loaded.value;
}

const step = (id: string, asks: string): string =>
  `  - { id: ${id}, uses: assert, assert: [{ that: "${asks}", else: no }] }`;

const keysOf = (playbook: Playbook, name: string): readonly string[] =>
  affectedBy(playbook, '', name, evaluator).steps.map(({ key }) => key.source);

describe('what rests on an answer', () => {
  it('is what asks for it, for all inputs, or for what came of it, and nothing else', async () => {
    const playbook = await playbookOf(
      'let: { day: "${{ inputs.at + \'!\' }}", other: 1 }',
      'steps:',
      step('direct', "inputs.at == 'x'"),
      step('whole', 'size(inputs) == 1'),
      step('byLet', "vars.day == 'x'"),
      step('byStep', "steps.direct.outcome == 'succeeded'"),
      step('apart', 'vars.other == 1'),
    );
    expect(keysOf(playbook, 'inputs.at')).toEqual(['^direct$', '^whole$', '^byLet$', '^byStep$']);
    expect(keysOf(playbook, 'steps.apart')).toEqual([]);
  });

  it('is found by looking at each expression a fixed number of times, however long the way to it', async () => {
    const many = 100;
    const playbook = await playbookOf(
      'let:',
      '  v0: ${{ inputs.at }}',
      ...Array.from({ length: many }, (_, index) => `  v${index + 1}: \${{ steps.s${index}.outcome }}`),
      'steps:',
      ...Array.from({ length: many + 1 }, (_, index) => step(`s${index}`, `vars.v${index} == 'x'`)),
    );
    let asked = 0;
    const counting = {
      namesIn: (...args: Parameters<typeof evaluator.namesIn>) => {
        asked++;
        return evaluator.namesIn(...args);
      },
    };
    expect(affectedBy(playbook, '', 'inputs.at', counting).steps).toHaveLength(many + 1);
    expect(asked).toBeLessThan(many * 4);
  });
});
