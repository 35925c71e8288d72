import { expect, it } from 'vitest';
import type { Effect } from '../../engine/model/playbook.ts';
import { environment, life } from '../rig/interpreter.ts';
import type { NodeForm } from '../rig/playbook.ts';

const save = (effect: Effect) => ({
  save: {
    effect,
    writesElsewhere: ({ path }: { readonly path?: unknown }, folder: string) =>
      String(path).startsWith(folder) ? undefined : String(path),
  },
});

const step = (path: string): NodeForm => ({ id: 'save', uses: 'save', with: { path } });

it.each([
  ['none', 'sandbox', 'drill'],
  ['read', 'staging', 'drill'],
  ['read', 'production', 'drill'],
  ['write', 'production', 'recover'],
] as const)(
  'a file outside of the run’s folder is seen first (%s, in %s, %s)',
  async (effect, kind, mode) => {
    const { operator, steps } = await life([step('/data/dump')], {
      kinds: save(effect),
      environment: environment(kind),
      mode,
      answers: { save: 'decline' },
    });
    expect(operator.asked).toMatchObject([
      { type: 'gate', message: "It writes /data/dump on this machine, outside of the run's folder." },
    ]);
    expect(steps.runs).toEqual([]);
  },
);

it('one below it is not', async () => {
  const { operator, steps } = await life([step('/nowhere/dump')], { kinds: save('none') });
  expect(operator.asked).toEqual([]);
  expect(steps.count('save')).toBe(1);
});

it('one gate before all items of a loop is enough', async () => {
  const loop: NodeForm = {
    id: 'loop',
    forEach: { in: ['/a', '/b'], confirm: { message: 'Both?' } },
    steps: [step('${{ item }}')],
  };
  const { operator, steps } = await life([loop], { kinds: save('read'), answers: { loop: 'go' } });
  expect(operator.asked.map(({ key }) => key)).toEqual(['loop']);
  expect(steps.count('save')).toBe(2);
});

it('in a batch, which asks nobody, it is not written without such a gate', async () => {
  const loop = (confirm: boolean): NodeForm => ({
    id: 'loop',
    forEach: { in: ['/a'], batch: 5, tolerate: 1, ...(confirm && { confirm: { message: 'All?' } }) },
    steps: [step('${{ item }}')],
  });
  const run = async (confirm: boolean) =>
    (await life([loop(confirm)], { kinds: save('read'), answers: { loop: 'go' } })).steps.count('save');
  expect(await run(false)).toBe(0);
  expect(await run(true)).toBe(1);
});
