import type { Playbook } from '../../../engine/model/playbook.ts';
import type { NodeForm } from '../../rig/playbook.ts';
import { playbook } from '../../rig/playbook.ts';

const undo = (
  at: 'abort' | 'exit',
  id: string,
  pay: 'auto' | 'ask' = 'auto',
): NonNullable<Extract<NodeForm, { readonly uses: string }>['undo']> => ({
  at,
  pay,
  steps: [{ id, uses: 'write' }],
});

const called = playbook({
  id: 'procedure',
  inputs: { from: {} },
  steps: [
    { id: 'inside', uses: 'write', with: { from: '${{ inputs.from }}' }, undo: undo('exit', 'outside') },
    { id: 'look', uses: 'read', with: { n: 1 } },
  ],
  always: [{ id: 'clean', uses: 'write' }],
  outputs: { id: '${{ steps.inside.output.id }}' },
});

/** What stops several, each of which is started again by itself, and closes something until an abort. */
const halt: NodeForm = {
  id: 'halt',
  playbook: playbook({
    id: 'halting',
    steps: [
      {
        id: 'all',
        forEach: { in: ['a', 'b/c'] },
        steps: [{ id: 'hold', uses: 'write', undo: undo('exit', 'release') }],
      },
      { id: 'close', uses: 'write', undo: undo('abort', 'open') },
    ],
  }),
};

const contain: NodeForm = {
  phase: 'Contain',
  steps: [
    { id: 'skipped', uses: 'write', when: 'inputs.size > 100' },
    { id: 'stop', uses: 'write', undo: undo('exit', 'start') },
    { id: 'freeze', uses: 'write', undo: undo('exit', 'thaw') },
    { id: 'silence', uses: 'write', undo: undo('exit', 'sound', 'ask') },
    { id: 'already', uses: 'write', guard: { uses: 'read', with: { on: true }, that: 'output.on' } },
  ],
};

/** Every state in which a step can be, in one run that succeeds. */
const succeeds = playbook({
  id: 'reference',
  inputs: { size: { type: 'number' } },
  steps: [
    contain,
    {
      phase: 'Recover',
      steps: [
        { id: 'flaky', uses: 'flaky', retry: { attempts: 5, delay: '1ms' } },
        {
          id: 'restore',
          uses: 'long',
          with: { at: '${{ now }}' },
          confirm: { message: 'Restore?', type: 'main' },
          require: [{ uses: 'read', with: { fine: true }, that: 'output.fine' }],
          record: { recoveryPoint: '${{ output.id }}' },
          mark: ['restored'],
          rebind: { 'databases.main': '${{ output.id }}' },
          undo: undo('abort', 'remove'),
        },
        { id: 'drop', uses: 'destroy', confirm: { message: 'Drop?' }, noReturn: true },
        { id: 'blind', uses: 'blind', with: { database: '${{ env.databases.main }}' } },
        { id: 'again', uses: 'blind', idempotent: true, when: 'false' },
        {
          id: 'path',
          choose: {
            prompt: 'Which way?',
            branches: {
              first: { steps: [{ id: 'notTaken', uses: 'write' }], outputs: { way: 'first' } },
              second: {
                steps: [{ id: 'taken', uses: 'write' }],
                outputs: { way: '${{ steps.taken.output.id }}' },
              },
            },
          },
        },
        { id: 'procedure', playbook: called, inputs: { from: '${{ steps.path.output.way }}' } },
        { id: 'people', uses: 'manual', with: { instructions: 'Tell them.' } },
        { id: 'broken', uses: 'broken' },
        {
          id: 'deploy',
          uses: 'write',
          until: { uses: 'health', with: { of: 'deploy' }, that: 'output.up', every: '1ms', stable: 2 },
          mark: ['serving'],
          settles: ['stop'],
        },
      ],
    },
    {
      phase: 'Verify',
      steps: [
        {
          id: 'counts',
          uses: 'read',
          with: { of: '${{ steps.procedure.output.id }}', n: 3 },
          assert: [{ that: 'output.n == 3' }],
          record: { rows: '${{ output.n }}' },
          mark: ['verified'],
        },
        {
          id: 'health',
          uses: 'health',
          with: { of: 'verify' },
          until: { that: 'output.up', every: '1ms' },
        },
      ],
    },
  ],
  always: [{ id: 'tidy', uses: 'write' }],
});

/** A run that is given up half-way: undos, debts, `always`. */
const aborts = playbook({
  id: 'aborted',
  inputs: { size: { type: 'number' } },
  steps: [
    contain,
    {
      id: 'page',
      uses: 'process',
      background: {
        ready: { uses: 'locked', that: 'output.up', every: '1ms' },
      },
    },
    { id: 'make', uses: 'write', undo: undo('abort', 'unmake') },
    { id: 'perhaps', uses: 'blind', undo: undo('abort', 'unperhaps', 'ask') },
    { id: 'procedure', playbook: called, inputs: { from: 'x' } },
    halt,
    { id: 'go', uses: 'write', settles: ['halt'] },
    { id: 'fatal', uses: 'broken', undo: undo('abort', 'unfatal') },
    { id: 'never', uses: 'write' },
  ],
  always: [{ id: 'tidy', uses: 'write' }],
});

const hunt: NodeForm = {
  id: 'hunt',
  repeat: {
    accept: 'steps.copy.output.id == "made-by-flow/hunt#3/copy"',
    steps: [
      { id: 'copy', uses: 'write', undo: undo('exit', 'drop') },
      { id: 'early', uses: 'read', when: 'previous.round == 0', with: { n: 1 }, next: 'hunt' },
      {
        id: 'look',
        uses: 'read',
        with: { of: '${{ steps.copy.output.id }}', before: '${{ previous.steps.copy.output.id }}' },
      },
    ],
  },
};

/** Branches side by side, loops, rounds, and a choice that is left. Its lanes end alike in every order. */
const flow = playbook({
  id: 'flow',
  inputs: { size: { type: 'number' } },
  steps: [
    {
      id: 'both',
      parallel: {
        branches: {
          left: {
            steps: [
              { id: 'one', uses: 'write', undo: undo('exit', 'unOne') },
              { id: 'two', uses: 'long', confirm: { message: 'Two?' } },
            ],
          },
          right: {
            steps: [
              { id: 'three', uses: 'write', confirm: { message: 'Three?' } },
              { id: 'four', uses: 'blind', with: { n: '${{ inputs.size }}' } },
            ],
          },
        },
      },
    },
    {
      id: 'each',
      forEach: { in: ['a', 'b/c', 'd'], concurrency: 2, outputs: { made: '${{ steps.make.output.id }}' } },
      steps: [
        { id: 'make', uses: 'write', undo: undo('exit', 'unmake') },
        { id: 'check', uses: 'read', with: { of: '${{ steps.make.output.id }}', item: '${{ item }}' } },
      ],
    },
    { id: 'rest', forEach: { in: ['a', 'd'] }, steps: [{ id: 'keep', uses: 'write', settles: ['make'] }] },
    halt,
    { id: 'some', forEach: { in: ['b/c'] }, steps: [{ id: 'go', uses: 'write', settles: ['halt'] }] },
    {
      id: 'many',
      forEach: { in: [1, 2, 3, 4, 5], batch: 2 },
      steps: [{ id: 'read', uses: 'read', with: { n: '${{ item }}' } }],
    },
    {
      id: 'flow',
      playbook: playbook({ id: 'rounds', steps: [hunt, { id: 'found', uses: 'write', settles: ['copy'] }] }),
    },
    {
      id: 'way',
      choose: {
        prompt: 'Which way?',
        branches: {
          second: {
            steps: [
              { id: 'begin', uses: 'write', undo: undo('abort', 'unbegin') },
              { id: 'call', uses: 'manual', with: { instructions: 'Call.' } },
              { id: 'never', uses: 'write' },
            ],
            outputs: { way: 'second' },
          },
          third: { steps: [{ id: 'move', uses: 'write' }], outputs: { way: '${{ steps.move.output.id }}' } },
        },
      },
    },
    {
      id: 'end',
      uses: 'read',
      with: {
        items: '${{ steps.each.items }}',
        sums: '${{ steps.many.output }}',
        way: '${{ steps.way.output.way }}',
      },
    },
  ],
});

/** A branch fails while the other one waits for what never comes. */
const cancels = playbook({
  id: 'cancelled',
  inputs: { size: { type: 'number' } },
  steps: [
    {
      id: 'both',
      parallel: {
        branches: {
          waiting: {
            steps: [
              { id: 'made', uses: 'write', undo: undo('abort', 'unmade') },
              { id: 'poll', uses: 'never', until: { that: 'output.up', every: '1ms' } },
              { id: 'after', uses: 'write' },
            ],
          },
          failing: { steps: [{ id: 'fatal', uses: 'slowToBreak', onFailure: 'abort' }] },
        },
      },
    },
    { id: 'never', uses: 'write' },
  ],
  always: [{ id: 'tidy', uses: 'write' }],
});

/** Steps break something, which `sick` sees; the recovery mends it, and in the end what they left is put right. */
const breaks = playbook({
  id: 'breaks',
  detect: [{ uses: 'sick', with: { of: '!fault/damage' }, that: '!output.sick' }],
  rehearsals: {
    bySteps: {
      fault: [
        {
          steps: [
            { id: 'lock', uses: 'write', undo: undo('exit', 'unlock') },
            { id: 'damage', uses: 'destroy', confirm: { message: 'Break it?' } },
          ],
          always: [{ id: 'mop', uses: 'write', with: { what: '${{ steps.damage.output.id }}' } }],
          outputs: { what: '${{ steps.damage.output.id }}' },
        },
        { steps: [{ id: 'more', uses: 'write' }] },
      ],
    },
  },
  steps: [
    { id: 'mend', uses: 'write' },
    {
      phase: 'Verify',
      steps: [
        { id: 'well', uses: 'sick', with: { of: '!fault/damage' }, assert: [{ that: '!output.sick' }] },
      ],
    },
  ],
  always: [{ id: 'tidy', uses: 'write' }],
});

/** The operator gives up while something is being broken. */
const givenUp = playbook({
  id: 'givenUp',
  rehearsals: {
    bySteps: {
      fault: {
        steps: [
          { id: 'damage', uses: 'destroy', undo: undo('abort', 'heal') },
          { id: 'fatal', uses: 'broken' },
          { id: 'never', uses: 'write' },
        ],
        always: [{ id: 'mop', uses: 'write' }],
      },
    },
  },
  steps: [{ id: 'mend', uses: 'write' }],
  always: [{ id: 'tidy', uses: 'write' }],
});

export const REFERENCES: Readonly<Record<string, Playbook>> = {
  succeeds,
  aborts,
  flow,
  cancels,
  breaks,
  givenUp,
};
