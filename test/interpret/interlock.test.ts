import { describe, expect, it } from 'vitest';
import type { EnvironmentKind, Identity, TargetUse } from '../../engine/model/environment.ts';
import type { Effect } from '../../engine/model/playbook.ts';
import type { RunMode } from '../../engine/model/kind.ts';
import { interlock } from '../../engine/interpret/safety/interlock.ts';
import { endings, environment, life, ofType } from '../rig/interpreter.ts';

const use = (effect: Effect = 'write'): TargetUse => ({
  group: 'databases',
  path: 'databases.main',
  target: { name: 'main' },
  effect,
});

type Target = Identity['verdict'] | 'created' | 'read only';

interface Row {
  readonly mode: RunMode;
  readonly kind: EnvironmentKind;
  readonly effect: Effect;
  readonly targets: readonly Target[];
  readonly scripted?: boolean;
  readonly believed?: boolean;
  readonly allowScripts?: boolean;
  readonly verdict: 'pass' | 'gate' | 'refuse';
}

const table: readonly Row[] = [
  // Steps that change nothing pass, wherever they look.
  { mode: 'drill', kind: 'production', effect: 'read', targets: ['mismatch'], verdict: 'pass' },
  { mode: 'drill', kind: 'production', effect: 'none', targets: [], verdict: 'pass' },
  // A drill never writes to production, not even to what fits or was created.
  { mode: 'drill', kind: 'production', effect: 'write', targets: ['match'], verdict: 'refuse' },
  { mode: 'drill', kind: 'production', effect: 'write', targets: ['created'], verdict: 'refuse' },
  { mode: 'drill', kind: 'production', effect: 'write', targets: [], verdict: 'refuse' },
  { mode: 'drill', kind: 'production', effect: 'destructive', targets: ['match'], verdict: 'refuse' },
  {
    mode: 'drill',
    kind: 'production',
    effect: 'unknown',
    scripted: true,
    allowScripts: true,
    targets: [],
    verdict: 'refuse',
  },
  // In a drill only what is recognised, or was created by the run.
  { mode: 'drill', kind: 'staging', effect: 'write', targets: ['match'], verdict: 'pass' },
  { mode: 'drill', kind: 'staging', effect: 'write', targets: ['created'], verdict: 'pass' },
  { mode: 'drill', kind: 'staging', effect: 'write', targets: ['absent'], verdict: 'refuse' },
  { mode: 'drill', kind: 'staging', effect: 'write', targets: ['unreachable'], verdict: 'refuse' },
  { mode: 'drill', kind: 'staging', effect: 'write', targets: ['mismatch'], verdict: 'refuse' },
  { mode: 'drill', kind: 'staging', effect: 'write', targets: ['match', 'absent'], verdict: 'refuse' },
  { mode: 'drill', kind: 'staging', effect: 'write', targets: ['match', 'read only'], verdict: 'pass' },
  { mode: 'drill', kind: 'sandbox', effect: 'destructive', targets: ['match'], verdict: 'pass' },
  { mode: 'drill', kind: 'sandbox', effect: 'write', targets: ['absent'], verdict: 'refuse' },
  // Scripts.
  { mode: 'drill', kind: 'staging', effect: 'unknown', scripted: true, targets: [], verdict: 'refuse' },
  { mode: 'drill', kind: 'staging', effect: 'write', scripted: true, targets: ['match'], verdict: 'refuse' },
  {
    mode: 'drill',
    kind: 'staging',
    effect: 'unknown',
    scripted: true,
    allowScripts: true,
    targets: [],
    verdict: 'pass',
  },
  // A script that is said to only read: held to that it passes, believed it is a script like others.
  { mode: 'drill', kind: 'staging', effect: 'read', scripted: true, targets: [], verdict: 'pass' },
  ...(['none', 'read'] as const).flatMap((effect): Row[] => {
    const said = { effect, scripted: true, believed: true } as const;
    return [
      { ...said, mode: 'drill', kind: 'staging', targets: [], verdict: 'refuse' },
      { ...said, mode: 'drill', kind: 'production', targets: [], verdict: 'refuse' },
      { ...said, mode: 'drill', kind: 'staging', targets: [], allowScripts: true, verdict: 'pass' },
      { ...said, mode: 'drill', kind: 'sandbox', targets: ['absent'], verdict: 'pass' },
      { ...said, mode: 'recover', kind: 'production', targets: ['absent'], verdict: 'pass' },
    ];
  }),
  // Its targets are looked at whatever is said of it.
  ...(['drill', 'recover'] as const).flatMap((mode) =>
    ([true, false] as const).map((believed): Row => ({
      mode,
      kind: 'staging',
      effect: 'read',
      scripted: true,
      believed,
      allowScripts: true,
      targets: ['mismatch'],
      verdict: 'refuse',
    })),
  ),
  { mode: 'drill', kind: 'sandbox', effect: 'unknown', scripted: true, targets: [], verdict: 'pass' },
  { mode: 'recover', kind: 'production', effect: 'unknown', scripted: true, targets: [], verdict: 'pass' },
  // A recovery may write to production; the wrong thing it never touches, what it cannot recognise a person sees first.
  { mode: 'recover', kind: 'production', effect: 'write', targets: ['match'], verdict: 'pass' },
  { mode: 'recover', kind: 'production', effect: 'write', targets: ['created'], verdict: 'pass' },
  { mode: 'recover', kind: 'production', effect: 'write', targets: ['mismatch'], verdict: 'refuse' },
  { mode: 'recover', kind: 'staging', effect: 'write', targets: ['mismatch'], verdict: 'refuse' },
  { mode: 'recover', kind: 'production', effect: 'write', targets: ['unreachable'], verdict: 'gate' },
  { mode: 'recover', kind: 'production', effect: 'write', targets: ['absent'], verdict: 'gate' },
];

describe('the interlock', () => {
  it.each(table)(
    '$mode in $kind, effect $effect on $targets (scripted $scripted, believed $believed, allowed $allowScripts): $verdict',
    (row) => {
      const { verdict } = interlock({
        mode: row.mode,
        environment: { name: row.kind, kind: row.kind, allowScripts: row.allowScripts ?? false },
        effect: row.effect,
        scripted: row.scripted ?? false,
        believed: row.believed ?? false,
        targets: row.targets.map((target) => ({
          use: use(target === 'read only' ? 'read' : 'write'),
          identity: {
            verdict: target === 'created' || target === 'read only' ? 'absent' : target,
            facts: {},
          },
          created: target === 'created',
        })),
      });
      expect(verdict).toBe(row.verdict);
    },
  );
});

const writes = { effect: 'write' as const, targets: () => [use()] };

describe('in a run', () => {
  it('a drill against production writes nothing, whatever the operator answers', async () => {
    const { steps, events, operator, result } = await life(
      [
        { id: 'plain', uses: 'write' },
        { id: 'destroy', uses: 'destroy', confirm: { message: 'Go?' } },
        { id: 'script', uses: 'script', touches: '${{ env.databases.main }}', effect: 'write' },
        { id: 'noTarget', uses: 'noTarget', retry: { attempts: 3 }, onFailure: 'continue' },
        { id: 'look', uses: 'read' },
      ],
      {
        kinds: {
          write: writes,
          destroy: { ...writes, effect: 'destructive' },
          script: { effect: 'unknown' },
          noTarget: { effect: 'write' },
          read: {},
        },
        environment: environment('production', { policy: { allowScripts: true } }),
        answers: { plain: ['retry', 'skip'], destroy: ['retry', 'skip'], script: 'skip' },
      },
    );
    expect(steps.runs).toEqual(['look read']);
    expect(ofType(events, 'step.started').map(({ key }) => key)).toEqual(['look']);
    expect(operator.asked[0]).toMatchObject({
      type: 'failure',
      choices: ['retry', 'skip', 'note', 'pause', 'abort'],
      error: { code: 'interlock', changed: 'nothing' },
    });
    expect(result).toEqual({ outcome: 'succeeded' });
  });

  it('lets a drill write to what its own steps created, and takes nobody else at their word', async () => {
    const { steps, events } = await life(
      [
        { id: 'create', uses: 'create' },
        { id: 'own', uses: 'write', with: { target: '${{ steps.create.output.database }}' } },
        {
          id: 'foreign',
          uses: 'write',
          with: { target: { name: 'x', created: 'elsewhere' } },
          onFailure: 'continue',
        },
        {
          id: 'written',
          uses: 'write',
          with: { target: { name: 'production', created: 'create' } },
          onFailure: 'continue',
        },
        {
          id: 'claimed',
          uses: 'write',
          with: { target: { name: 'x', created: 'create', $target: 'databases.x' } },
          onFailure: 'continue',
        },
      ],
      {
        kinds: {
          create: {
            effect: 'write',
            run: (_, { step }) => Promise.resolve({ database: { name: 'new', created: step } }),
          },
          write: {
            effect: 'write',
            targets: ({ target }) => [
              { group: 'databases', target: target as object as TargetUse['target'], effect: 'write' },
            ],
          },
        },
        identity: () => ({ verdict: 'absent', facts: {} }),
      },
    );
    expect(steps.runs).toEqual(['create create', 'own write']);
    expect(endings(events)).toMatchObject({
      foreign: 'failed/tolerated',
      written: 'failed/tolerated',
      claimed: 'failed/tolerated',
    });
  });

  it('asks again whom it would write to at each retry: a target that was put right is let through', async () => {
    let verdict: Identity['verdict'] = 'mismatch';
    const { steps } = await life([{ id: 'w', uses: 'write' }], {
      kinds: { write: writes },
      identity: () => ({ verdict, facts: {}, reason: 'another system identifier' }),
      answers: {
        w: (question) => {
          expect(question).toMatchObject({
            error: {
              message: 'databases.main is not the one that the environment names (another system identifier)',
            },
          });
          verdict = 'match';
          return 'retry';
        },
      },
    });
    expect(steps.count('write')).toBe(1);
  });

  it('asks a person in a recovery when the target cannot say who it is', async () => {
    const { operator, steps } = await life([{ id: 'w', uses: 'write' }], {
      kinds: { write: writes },
      mode: 'recover',
      environment: environment('staging'),
      identity: () => ({ verdict: 'unreachable', facts: {}, reason: 'connection refused' }),
      answers: { w: 'go' },
    });
    expect(operator.asked[0]).toMatchObject({
      type: 'gate',
      message: 'databases.main could not be asked who it is (connection refused).',
      targets: [{ verdict: 'unreachable' }],
    });
    expect(steps.count('write')).toBe(1);
  });
});
