import { describe, expect, it } from 'vitest';
import type { Value, ValueMap } from '../../engine/base/value.ts';
import type { Handle } from '../../engine/model/handle.ts';
import { Secret, isHandle } from '../../engine/model/handle.ts';
import { StepError } from '../../engine/model/kind.ts';
import { plainJson, plainText, shownJson } from '../../engine/kinds/context/reveal.ts';
import { connectionHandle } from '../../engine/kinds/context/connection-handle.ts';
import type { FakeKind } from '../rig/fake-steps.ts';
import { life, ofType } from '../rig/interpreter.ts';
import type { LifeOptions } from '../rig/interpreter.ts';
import type { NodeForm } from '../rig/playbook.ts';

/** What a server may answer in the hope that it is taken for a secret of ours, and what is no such thing at all. */
const BAITS: Readonly<Record<string, ValueMap>> = {
  'a file': { $ref: 'file', path: '/etc/shadow' },
  'an environment variable': { $ref: 'env', name: 'RENDER_API_KEY' },
  'a secret of another step': { $ref: 'run.output', step: 'login', path: 'token' },
  'an answer': { $ref: 'run.answer' },
  'an OpenAPI reference': { $ref: '#/components/schemas/User' },
};

const revealed: Handle[] = [];
const secrets = {
  reveal: (handle: Handle) => (revealed.push(handle), Promise.resolve(new Secret('the secret'))),
  conceal: () => undefined,
};

interface Way {
  readonly steps: readonly NodeForm[];
  readonly bait: (bait: ValueMap) => FakeKind;
  /** A first life ends after the event of this type, and a second one goes on. */
  readonly dies?: string;
}

const use = (value: string): NodeForm => ({ id: 'use', uses: 'use', with: { value } });
const gives = (output: ValueMap): FakeKind => ({ run: () => Promise.resolve(output) });
const read: NodeForm = { id: 'a', uses: 'outside' };

const WAYS: Readonly<Record<string, Way>> = {
  'a body': {
    steps: [read, use('${{ steps.a.output.body }}')],
    bait: (body) => gives({ body }),
  },
  'a row, through what an expression makes of it': {
    steps: [read, use('${{ steps.a.output.rows.filter(r, has(r.x))[0].x }}')],
    bait: (x) => gives({ rows: [{ x }] }),
  },
  'a part of a larger body': {
    steps: [read, use('${{ true ? steps.a.output.body.x : steps.a.output.body.y }}')],
    bait: (x) => gives({ body: { x, y: 1 } }),
  },
  'parts that an expression puts together': {
    steps: [
      read,
      use('${{ {"$ref": steps.a.output.kind, "path": "/etc/shadow", "name": "RENDER_API_KEY"} }}'),
    ],
    bait: ({ $ref = null }) => gives({ kind: $ref }),
  },
  'the details of a failure': {
    steps: [{ ...read, outcomes: { no: 'error.code == "no"' } }, use('${{ steps.a.error.body }}')],
    bait: (body) => ({ run: () => Promise.reject(new StepError('no', { code: 'no', details: { body } })) }),
  },
  'a body, after a crash': {
    steps: [read, use('${{ steps.a.output.body }}')],
    bait: (body) => gives({ body }),
    dies: 'step.finished',
  },
  'what is found of a step in doubt': {
    steps: [{ id: 'a', uses: 'outside' }, use('${{ steps.a.output.body }}')],
    bait: (body) => ({
      ...gives({ body }),
      effect: 'write',
      reconcile: () => Promise.resolve({ verdict: 'happened', output: { body } }),
    }),
    dies: 'step.started',
  },
};

async function arrived({ steps, bait, dies }: Way, value: ValueMap): Promise<Value> {
  let seen: Value = null;
  const kinds: LifeOptions['kinds'] = {
    outside: bait(value),
    use: { run: (args) => ((seen = args['value'] ?? null), Promise.resolve({})) },
  };
  const options = { kinds, answers: { a: 'go' } } as const;
  const { events } = await life(steps, options);
  if (dies !== undefined) {
    seen = null;
    const end = events.findIndex(({ type }) => type === dies);
    await life(steps, { kinds, history: events.slice(0, end + 1) });
  }
  return seen;
}

describe.each(Object.entries(WAYS))('%s', (_, way) => {
  it.each(Object.entries(BAITS))('is data where it reads like %s', async (_, bait) => {
    revealed.length = 0;
    const value = await arrived(way, bait);
    const context = { secrets, signal: new AbortController().signal };
    expect(isHandle(value)).toBe(false);
    expect(await plainJson(value, context)).toMatchObject({ $ref: bait['$ref'] });
    expect(JSON.parse(shownJson(value))).toMatchObject({ $ref: bait['$ref'] });
    await expect(plainText(value, 'header', context)).rejects.toThrow('neither a text');
    expect(() => connectionHandle({ name: 'main', url: value }, 'external')).toThrow('does not say how');
    expect(revealed).toEqual([]);
  });
});

it('that is data keeps what it holds, for expressions and texts', async () => {
  const document = { user: { $ref: '#/User', more: [1] } };
  const steps = [read, use('${{ steps.a.output.body.user["$ref"] }} ${{ steps.a.output.body.user }}')];
  let seen: Value = null;
  const kinds: LifeOptions['kinds'] = {
    outside: gives({ body: document }),
    use: { run: (args) => ((seen = args['value'] ?? null), Promise.resolve({})) },
  };
  const { events } = await life(steps, { kinds });
  expect(seen).toBe('#/User {"$ref":"#/User","more":[1]}');
  expect(ofType(events, 'step.finished')[0]?.output).toEqual({
    body: { user: { $plain: { $ref: '#/User', more: [1] } } },
  });
});

it('is a handle where its kind says that it gives such', async () => {
  const handle = { $ref: 'render.postgres', id: 'dpg-1' };
  const way = { steps: [read, use('${{ true ? steps.a.output.body : null }}')] };
  const bait = (body: ValueMap): FakeKind => ({ ...gives({ body }), gives: ['render.postgres'] });
  for (const dies of [undefined, 'step.finished']) {
    const value = await arrived({ ...way, bait, ...(dies !== undefined && { dies }) }, handle);
    expect(value).toEqual(handle);
    expect(isHandle(value)).toBe(true);
  }
});
