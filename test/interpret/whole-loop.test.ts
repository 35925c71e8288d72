import { describe, expect, it } from 'vitest';
import { loadPlaybook } from '../../engine/load/playbook.ts';
import { StepError } from '../../engine/model/kind.ts';
import { SourceFile } from '../../engine/source/file.ts';
import { assertion } from '../../engine/kinds/basic/assert.ts';
import { environment, life, ofType } from '../rig/interpreter.ts';
import type { LifeOptions } from '../rig/interpreter.ts';

const kinds: LifeOptions['kinds'] = {
  'render.suspend': {
    effect: 'write',
    run: async ({ service }, { clock, signal }) => {
      if (service === 'bad') throw new StepError('it broke', { code: '409' });
      if (service === 'slow') await clock.sleep(60_000, signal);
      return {};
    },
  },
  'render.resume': { effect: 'write' },
  assert: { ...assertion, effect: 'none' },
};

async function run(steps: string, more: Partial<LifeOptions> = {}) {
  const text = `version: 1\nid: example\ntitle: Example\nsummary: An example.\n${steps}`;
  const loaded = await loadPlaybook(new SourceFile('example.yaml', text), {
    ids: () => Promise.resolve([]),
    find: () => Promise.resolve(undefined),
  });
  expect(loaded.diagnostics).toEqual([]);
  const { value } = loaded;
  if (value === undefined) throw new Error('not loaded');
  const data = { services: { api: { name: 'api', $target: 'services.api' }, bad: 'bad' } };
  return life([], {
    kinds,
    environment: environment('sandbox', { data }),
    ...more,
    options: { playbook: value },
  });
}

const loop = (items: string, beside: string): string => `
steps:
  - id: each
    forEach: { in: [${items}] }
    ${beside}
    steps:
      - { id: do, uses: render.suspend, with: { service: '\${{ item }}' } }
  - { id: after, uses: assert, when: steps.each.outcome != "skipped" }
`;

describe('what is said of a loop over several steps as a whole', () => {
  const undo = `undo: { at: exit, pay: auto, steps: [{ id: back, uses: render.resume, with: { service: '\${{ env.services.api }}' } }] }`;

  it('its undo is owed from its first item on, and paid once', async () => {
    const { steps } = await run(loop('a, b', undo));
    expect(steps.runs).toEqual([
      'each[a]/do render.suspend',
      'each[b]/do render.suspend',
      'after assert',
      'each!undo/back render.resume',
    ]);
    const failed = await run(loop('a, bad', undo), { answers: { do: { answer: 'abort', reason: 'no' } } });
    expect(failed.steps.runs.at(-1)).toBe('each!undo/back render.resume');
  });

  it('its undo is paid once also when the run is resumed at any event', async () => {
    const whole = await run(loop('a, b', undo));
    for (let cut = 2; cut < whole.events.length; cut++) {
      const again = await run(loop('a, b', undo), {
        history: whole.events.slice(0, cut),
        kinds: Object.fromEntries(
          Object.entries(kinds).map(([name, kind]) => [
            name,
            { ...kind, reconcile: () => Promise.resolve({ verdict: 'notHappened' } as const) },
          ]),
        ),
      });
      expect(again.result, `cut at ${String(cut)}`).toEqual({ outcome: 'succeeded' });
      const paid = ofType(again.events, 'debt.settled').filter(({ how }) => how === 'paid');
      expect(paid, `cut at ${String(cut)}`).toHaveLength(1);
    }
  });

  it('its mark is set when all items are done, and not before', async () => {
    const { events } = await run(loop('a, b', 'mark: reached'));
    const mark = events.findIndex((event) => event.type === 'mark.set' && event.mark === 'reached');
    const last = events.findIndex((event) => event.type === 'step.finished' && event.key === 'each[b]/do');
    expect(mark).toBeGreaterThan(last);
    const failed = await run(loop('bad', 'mark: reached'), {
      answers: { do: { answer: 'abort', reason: 'no' } },
    });
    expect(ofType(failed.events, 'mark.set').some(({ mark: name }) => name === 'reached')).toBe(false);
  });

  it('its onFailure is what the failure of an item leads to, unasked, and the items keep their errors', async () => {
    const text = loop('a, bad, c', 'onFailure: continue').replace(
      'uses: assert, when',
      `uses: assert, assert: [{ that: 'steps.each.items[1].error.code == "409" && steps.each.?error.?code.orValue("") == "409"' }], when`,
    );
    const { result, operator } = await run(text);
    expect(result).toEqual({ outcome: 'succeeded' });
    expect(operator.questions).toEqual([]);
  });

  it('its onFailure leads to another round too', async () => {
    const { events, result } = await run(
      `
steps:
  - id: again
    repeat:
      accept: 'true'
      max: 2
      steps:
        - id: each
          forEach: { in: [bad] }
          onFailure: { next: again }
          steps:
            - { id: do, uses: render.suspend, with: { service: '\${{ item }}' } }
`,
      { answers: { 'again#2/accept': 'accept' } },
    );
    expect(result).toEqual({ outcome: 'succeeded' });
    expect(ofType(events, 'scope.entered').map(({ key }) => key)).toContain('again#2');
  });

  it('its timeout ends it: what writes comes to its end, nothing more is begun, and a later life knows', async () => {
    const text = loop('slow, b', 'timeout: 10s\n    onFailure: continue');
    const { events, steps } = await run(text);
    expect(steps.runs).toEqual(['each[slow]/do render.suspend', 'after assert']);
    expect(ofType(events, 'scope.left').find(({ key }) => key === 'each')?.error?.code).toBe('timeout');
    const end = events.findIndex((event) => event.type === 'step.started' && event.key === 'after');
    const again = await run(text, { history: events.slice(0, end) });
    expect(again.steps.runs).toEqual(['after assert']);
  });
});

it('the undo of a call is owed from its first step on, and a failure in it can lead to another round', async () => {
  const { steps, result } = await run(
    `
parts:
  some: { steps: [{ id: do, uses: render.suspend, onFailure: abort, with: { service: '\${{ env.services.bad }}' } }] }
steps:
  - id: again
    repeat:
      accept: 'true'
      max: 1
      steps:
        - id: call
          uses: part
          with: { part: some }
          onFailure: { next: again }
          undo: { at: exit, pay: auto, steps: [{ id: back, uses: render.resume, with: { service: '\${{ env.services.api }}' } }] }
`,
    { answers: { 'again#1/accept': 'accept' } },
  );
  expect(result).toEqual({ outcome: 'succeeded' });
  expect(steps.runs).toEqual(['again#1/call/do render.suspend', 'again#1/call!undo/back render.resume']);
});

it('a gate that is declined can lead to another round', async () => {
  const { events } = await run(
    `
steps:
  - id: again
    repeat:
      accept: 'true'
      max: 2
      steps:
        - id: do
          uses: manual
          with: { instructions: Wipe it. }
          confirm: { message: Sure?, onDecline: { next: again } }
`,
    {
      kinds: { manual: { people: 'manual', effect: 'none' } },
      answers: {
        'again#1/do': { answer: 'decline', reason: 'not yet' },
        'again#2/do': ['go', 'done'],
      },
    },
  );
  expect(ofType(events, 'step.finished').map(({ key, outcome }) => `${key} ${outcome}`)).toEqual([
    'again#1/do declined',
    'again#2/do succeeded',
  ]);
});

describe('a batch', () => {
  const batch = (uses: string): string => `
steps:
  - id: each
    forEach: { in: [a], batch: 1, tolerate: 1 }
    uses: ${uses}
    idempotent: true
    with: { service: '\${{ item }}' }
`;

  it('asks the interlock for each item, as any step does', async () => {
    const { steps, events } = await run(batch('render.resume'), {
      environment: environment('production'),
      kinds: {
        'render.resume': {
          effect: 'write',
          targets: () => [{ group: 'services', path: 'services.api', target: {}, effect: 'write' }],
        },
      },
    });
    expect(steps.runs).toEqual([]);
    expect(ofType(events, 'loop.progressed')[0]?.failed[0]?.error.code).toBe('interlock');
  });
});
