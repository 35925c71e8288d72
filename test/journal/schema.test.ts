import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, it } from 'vitest';
import type { EventBody, SourceText } from '../../engine/model/event.ts';
import type { Failure } from '../../engine/model/failure.ts';
import { testStore, written } from './rig.ts';

/**
 * One body of each type with every member that it may have: a type or a member that is added
 * to the model does not compile here until it has a sample, and then the schema must know it.
 */
type Samples = { readonly [T in EventBody['type']]: Required<Extract<EventBody, { type: T }>> };

const error: Required<Failure> = {
  code: '429',
  message: 'too many requests',
  hint: 'wait',
  changed: 'nothing',
  retryable: true,
  details: { after: 1 },
};
const source: SourceText = { role: 'playbook', path: 'p.yaml', text: '', sha256: '0'.repeat(64) };

const SAMPLES: Samples = {
  'run.started': {
    type: 'run.started',
    run: 'a',
    mode: 'drill',
    playbook: 'p',
    title: 'P',
    environment: { name: 'sandbox', kind: 'sandbox' },
    world: 'peakops-plain',
    rehearsal: 'r',
    blind: true,
    reason: 'x',
    operator: 'ada',
    host: 'h',
    pid: 1,
    unattended: false,
    engine: '0.1.0',
    sources: [source],
    ownKinds: [
      { name: 'own.rotate-key', path: 'kinds/own.rotate-key.js', sha256: source.sha256, schema: '{}' },
    ],
    objectives: { rto: { targetMs: 1, from: 'a', to: 'b' }, rpo: { targetMs: 1, evidence: 'keys' } },
    answers: {},
  },
  'world.started': { type: 'world.started', address: { port: 1 }, environment: source },
  'fault.injected': { type: 'fault.injected', fault: 'f', description: 'd', output: {}, number: 2 },
  'check.proved': {
    type: 'check.proved',
    step: 's',
    alsoAt: ['c/s'],
    title: 't',
    verdict: 'red',
    reading: 'r',
  },
  'input.corrected': {
    type: 'input.corrected',
    scope: '',
    name: 'n',
    value: 2,
    before: 1,
    by: 'ada',
    done: ['load'],
  },
  'input.answered': { type: 'input.answered', scope: '', name: 'n', value: 1, by: 'ada' },
  'run.paused': { type: 'run.paused', by: 'ada', reason: 'r', waitsFor: 'person', asks: 'Look' },
  'run.resumed': {
    type: 'run.resumed',
    operator: 'ada',
    host: 'h',
    pid: 1,
    engine: '0.1.0',
    unattended: true,
  },
  'run.finished': { type: 'run.finished', outcome: 'succeeded', reason: 'r' },
  'abort.begun': { type: 'abort.begun', reason: 'r', by: 'ada', undo: true },
  'scope.entered': {
    type: 'scope.entered',
    key: 'k',
    kind: 'phase',
    title: 't',
    playbook: 'p',
    list: { count: 1, digest: '0'.repeat(64), items: [1] },
  },
  'scope.left': {
    type: 'scope.left',
    key: 'k',
    outcome: 'done',
    output: {},
    error,
    by: 'ada',
    verification: true,
  },
  'loop.progressed': { type: 'loop.progressed', key: 'k', done: 1, total: 2, failed: [{ item: 'i', error }] },
  'branch.chosen': {
    type: 'branch.chosen',
    key: 'k',
    branch: 'b',
    by: 'ada',
    rpo: { targetMs: 0, evidence: 'heartbeat', to: 'occurred' },
  },
  'step.started': {
    type: 'step.started',
    key: 'k',
    title: 't',
    kind: 'wait',
    effect: 'none',
    describe: 'd',
    args: {},
    digest: '0',
    expectMs: 1,
    timeoutMs: 1,
    park: true,
  },
  'step.activity': {
    type: 'step.activity',
    key: 'k',
    class: 'retry',
    reason: 'r',
    modelledMs: 1,
    modelledBy: 'm',
  },
  'step.attemptFailed': { type: 'step.attemptFailed', key: 'k', attempt: 1, error, nextInMs: 1 },
  'step.checkpoint': { type: 'step.checkpoint', key: 'k', data: null },
  'step.overdue': { type: 'step.overdue', key: 'k', expectMs: 1, contact: 'c', level: 1 },
  escalated: { type: 'escalated', key: 'k', level: 1, who: 'w', by: 'ada' },
  'background.changed': {
    type: 'background.changed',
    key: 'k',
    title: 't',
    state: 'lost',
    reason: 'r',
    whenLost: 'warn',
  },
  'inject.struck': {
    type: 'inject.struck',
    number: 1,
    what: 'answer',
    state: 'done',
    text: 't',
    answers: {},
  },
  reminded: { type: 'reminded', key: 'k', title: 't', number: 1, state: 'failed', reason: 'r' },
  attached: {
    type: 'attached',
    key: 'k',
    path: 'p',
    file: 'f',
    bytes: 1,
    sha256: '0'.repeat(64),
    problem: 'p',
  },
  'step.inDoubt': { type: 'step.inDoubt', key: 'k', verdict: 'unknown', reason: 'r' },
  'step.finished': {
    type: 'step.finished',
    key: 'k',
    title: 't',
    outcome: 'wrongSet',
    conclusion: 'tolerated',
    verification: true,
    output: {},
    error,
    reason: 'r',
    by: 'ada',
    givesUp: true,
  },
  'gate.opened': { type: 'gate.opened', key: 'k', gate: 'g', question: {}, digest: '0' },
  'gate.answered': {
    type: 'gate.answered',
    key: 'k',
    gate: 'g',
    answer: 'go',
    reason: 'r',
    values: {},
    role: { name: 'dataOwner', person: 'Ben' },
    by: 'ada',
    digest: '0',
    until: 1,
    approvals: ['m'],
    sent: {
      message: 'm',
      account: 'ada',
      statement: '{}',
      proof: { kind: 'ed25519', key: 'MCow', signature: 's' },
    },
  },
  'message.refused': {
    type: 'message.refused',
    message: 'm',
    account: 'ada',
    by: 'Ben',
    gate: 'g',
    reason: 'r',
  },
  'mark.set': { type: 'mark.set', mark: 'm', time: null, key: 'k', source: 'run' },
  recorded: { type: 'recorded', key: 'k', name: 'n', value: { $time: '2026-11-22T14:55:00.000Z' } },
  'note.added': { type: 'note.added', key: 'k', text: 't', by: 'ada' },
  'debt.opened': { type: 'debt.opened', key: 'k', title: 't', due: 'exit' },
  'debt.settled': { type: 'debt.settled', key: 'k', how: 'paid', by: 'ada', early: true },
  'target.rebound': { type: 'target.rebound', key: 'k', path: 'databases.main', target: {} },
  'journal.repaired': { type: 'journal.repaired', bytes: 1, head: { seq: 9, hash: 'ab' } },
  'clock.jumped': { type: 'clock.jumped', byMs: -3000, sleptMs: 0 },
  'loss.uncounted': { type: 'loss.uncounted', reason: 'invalid page' },
  'loss.counted': {
    type: 'loss.counted',
    uploads: { acknowledged: 1, lost: 1, newestKept: 1, oldestLost: 2, newestLost: 2 },
    acknowledged: 1,
    lost: 0,
    newestKept: 1,
    oldestLost: 1,
    newestLost: 1,
  },
};

const SCHEMA = join(import.meta.dirname, '..', '..', 'schemas', 'event.schema.json');
const validate = new Ajv2020({ allowUnionTypes: true }).compile(
  JSON.parse(readFileSync(SCHEMA, 'utf8')) as Record<string, unknown>,
);

const validLine = (line: unknown): boolean => validate(line);

describe('the schema of the journal', () => {
  it('knows every line that is written, with every member', async () => {
    const rig = testStore();
    await written(rig, 'a', Object.values(SAMPLES));
    await rig.store.strike('a', 3);
    const lines = readFileSync(rig.journal('a'), 'utf8').trimEnd().split('\n');
    expect(lines).toHaveLength(Object.keys(SAMPLES).length);
    for (const line of lines) {
      expect([validLine(JSON.parse(line)), validate.errors]).toEqual([true, null]);
    }
  });

  it('refuses a member that it does not know, and a type', async () => {
    const rig = testStore();
    await written(rig, 'a', [SAMPLES['note.added']]);
    const line = JSON.parse(readFileSync(rig.journal('a'), 'utf8')) as { body: object };
    expect(validLine({ ...line, body: { ...line.body, more: 1 } })).toBe(false);
    expect(validLine({ ...line, more: 1 })).toBe(false);
    expect(validLine({ ...line, type: 'moon.phase' })).toBe(false);
  });
});
