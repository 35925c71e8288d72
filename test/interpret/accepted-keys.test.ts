import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { isJsonObject } from '../../engine/base/json.ts';
import type { Json } from '../../engine/base/json.ts';
import { loadPlaybook } from '../../engine/load/playbook.ts';
import type { ValueMap } from '../../engine/base/value.ts';
import type { Playbook } from '../../engine/model/playbook.ts';
import { StepError } from '../../engine/model/kind.ts';
import type { StepContext } from '../../engine/model/kind.ts';
import { SourceFile } from '../../engine/source/file.ts';
import { kindOf } from '../rig/step.ts';
import { silence, value } from '../rig/fake-operator.ts';
import type { Reply } from '../rig/fake-operator.ts';
import type { FakeKind } from '../rig/fake-steps.ts';
import { environment, life, ofType } from '../rig/interpreter.ts';

const REAL = await Promise.all(['manual', 'checklist', 'ask', 'pay', 'wait', 'assert'].map(kindOf));

/**
 * Every class of step with every key: `check` refuses the key, or the run heeds it. A cell in
 * which neither happens is a key that vanishes without a word.
 */
type Run = Awaited<ReturnType<typeof runOf>>;

/** How a run is set up so that heeding the key can be seen. */
type Setting = 'plain' | 'failing' | 'slow' | 'between' | 'inRounds';

interface Key {
  readonly text: string;
  readonly setting?: Setting;
  /** What can be seen in a run only where the key was heeded. */
  readonly heeded: (run: Run) => boolean;
}

const ofTarget = <T extends { readonly key: string }>(events: readonly T[]): readonly T[] =>
  events.filter(({ key }) => key === 'target' || key.startsWith('target/') || key.startsWith('target['));

const failedWith = (run: Run, code: string): boolean =>
  ofType(run.events, 'step.attemptFailed').some(({ error }) => error.code === code) ||
  run.operator.asked.some((asked) => asked.type === 'failure' && asked.error.code === code);

const ended = (run: Run, outcome: string): boolean =>
  ofTarget(ofType(run.events, 'step.finished')).some((event) => event.outcome === outcome);

const BACK = '{ id: back, uses: render.resume, with: { service: "${{ env.services.api }}" } }';

const KEYS: Readonly<Record<string, Key>> = {
  when: { text: 'when: "false"', heeded: (run) => ofTarget(ofType(run.events, 'step.started')).length === 0 },
  confirm: {
    text: 'confirm: { message: Sure?, type: db }',
    heeded: ({ operator }) => operator.asked.some((asked) => asked.type === 'gate' && asked.typed === 'db'),
  },
  guard: { text: 'guard: { that: "true" }', heeded: (run) => ended(run, 'alreadyDone') },
  require: { text: 'require: { that: "false" }', heeded: (run) => failedWith(run, 'require') },
  until: {
    text: 'until: { uses: file.read, with: { path: there }, that: "true" }',
    heeded: ({ probed }) => probed(),
  },
  assert: { text: 'assert: [{ that: "false" }]', heeded: (run) => failedWith(run, 'assert') },
  expectFailure: { text: 'expectFailure: "true"', heeded: (run) => failedWith(run, 'expectedFailure') },
  outcomes: { text: 'outcomes: { odd: "true" }', heeded: (run) => ended(run, 'odd') },
  record: {
    text: 'record: { evidence: 1 }',
    heeded: ({ events }) => ofType(events, 'recorded').some(({ name }) => name === 'evidence'),
  },
  mark: {
    text: 'mark: reached',
    heeded: ({ events }) => ofType(events, 'mark.set').some(({ mark }) => mark === 'reached'),
  },
  rebind: {
    text: 'rebind: { databases.main: "${{ env.databases.spare }}" }',
    heeded: ({ events }) => ofType(events, 'target.rebound').length > 0,
  },
  expect: {
    text: 'expect: 1s',
    setting: 'slow',
    heeded: ({ events }) => ofType(events, 'step.overdue').length > 0,
  },
  timeout: { text: 'timeout: 2s', setting: 'slow', heeded: (run) => failedWith(run, 'timeout') },
  retry: {
    text: 'retry: { attempts: 2, delay: 1s }',
    setting: 'failing',
    heeded: ({ events }) => ofType(events, 'step.attemptFailed').some(({ nextInMs }) => nextInMs === 1000),
  },
  onFailure: {
    text: 'onFailure: continue',
    setting: 'failing',
    heeded: ({ steps }) => steps.runs.some((run) => run.startsWith('after ')),
  },
  undo: {
    text: `undo: { at: exit, pay: auto, steps: [${BACK}] }`,
    heeded: ({ steps }) => steps.runs.some((run) => run.includes('!undo/back')),
  },
  noReturn: {
    text: 'noReturn: true',
    heeded: ({ events }) =>
      ofType(events, 'debt.settled').some(({ key, how }) => key === 'taken' && how === 'void'),
  },
  settles: {
    text: 'settles: [owing]',
    heeded: ({ events }) =>
      ofType(events, 'debt.settled').some(({ key, how }) => key === 'owing' && how === 'settled'),
  },
  answers: {
    text: 'answers: { note: never }',
    setting: 'failing',
    heeded: ({ operator }) =>
      operator.asked.length > 0 && operator.asked.every(({ choices }) => !choices.includes('note')),
  },
  touches: {
    text: 'touches: "${{ env.databases.spare }}"',
    heeded: ({ identified }) => identified.includes('databases.spare'),
  },
  effect: {
    text: 'effect: destructive',
    heeded: ({ events }) =>
      ofTarget(ofType(events, 'step.started')).some(({ effect }) => effect === 'destructive'),
  },
  idempotent: {
    text: 'idempotent: true\n    retry: { attempts: 2, delay: 1s }',
    setting: 'between',
    heeded: ({ events }) => ofType(events, 'step.attemptFailed').some(({ nextInMs }) => nextInMs === 1000),
  },
  secretOutput: {
    text: 'secretOutput: [stdout]',
    heeded: ({ events }) => !JSON.stringify(events).includes('very secret'),
  },
  background: { text: 'background: { whenLost: warn }', heeded: ({ began }) => began() },
  remind: { text: 'remind: { every: 1s }', heeded: ({ events }) => ofType(events, 'reminded').length > 0 },
  park: { text: 'park: true', heeded: ({ parked }) => parked() },
  attach: { text: 'attach: log.txt', heeded: ({ attached }) => attached.includes('log.txt') },
  next: {
    text: 'next: again',
    setting: 'inRounds',
    heeded: ({ events }) => ofType(events, 'scope.entered').some(({ key }) => key === 'again#2'),
  },
};

/** What a reader reads, what says which class it is, and what rehearsals ask (`rehearse.test.ts`). */
const ELSEWHERE = ['id', 'title', 'why', 'by', 'links', 'uses', 'with', 'steps', 'prove'];
const CLASSES_BY_KEY = ['phase', 'choose', 'parallel', 'forEach', 'repeat'];

const MACHINE = 'uses: render.suspend\n    with: { service: "${{ env.services.api }}" }';
const INNER = '{ id: inner, uses: render.suspend, with: { service: "${{ env.services.api }}" } }';
const ABORTING = INNER.replace('{ id: inner,', '{ id: inner, onFailure: abort,');

const CLASSES: Readonly<Record<string, string>> = {
  'a step that writes': MACHINE,
  'a step that reads':
    'uses: sql.query\n    with: { database: "${{ env.databases.main }}", query: select 1 }',
  'a script': 'uses: shell\n    with: { script: "true" }',
  'a request': 'uses: http.request\n    with: { url: "https://example.test", method: POST }',
  manual: 'uses: manual\n    with: { instructions: Do it. }',
  checklist: 'uses: checklist\n    with: { items: [one] }',
  ask: 'uses: ask\n    with: { inputs: { yes: { prompt: Sure?, type: boolean } } }',
  pay: 'uses: pay\n    with: { debt: due }',
  wait: 'uses: wait\n    with: { for: 60s }',
  assert: 'uses: assert',
  'a process in the background':
    'uses: shell\n    effect: write\n    with: { script: "true" }\n    background: {}',
  'a phase': `phase: Some\n    steps: [${INNER.replace('inner', 'target')}]`,
  'a choose': `choose: { pick: '"one"', branches: { one: { steps: [${INNER}] } } }`,
  'a parallel': `parallel: { branches: { one: { steps: [${INNER}] } } }`,
  rounds: `repeat: { accept: "true", steps: [${INNER}] }`,
  'a loop over several steps': `forEach: { in: [a, b] }\n    steps: [${INNER}]`,
  'a loop over one step': `forEach: { in: [a] }\n    ${MACHINE}`,
  'a call of a part': 'uses: part\n    with: { part: some }',
  'a call of a playbook': 'uses: playbook\n    with: { playbook: other }',
};

const OTHER = new SourceFile(
  'other.yaml',
  `version: 1\nid: other\ntitle: Other\nsummary: Other.\nsteps: [${ABORTING}]\n`,
);

function sourceOf(cls: string, key: Key): string {
  const id = cls.startsWith('phase:') ? '' : 'id: target\n    ';
  const keyName = key.text.split(':', 1)[0] ?? '';
  const kept = cls.split('\n').filter((line) => !line.trim().startsWith(`${keyName}:`));
  const lines = [...kept, ...key.text.split('\n').map((line) => `    ${line.trim()}`), ...moreOf(cls, key)];
  const target = `  - ${id}${lines.join('\n')}\n`;
  const rounds = `  - id: again\n    repeat:\n      accept: "true"\n      max: 2\n      steps:\n${target.replaceAll(/^/gm, '      ').trimEnd()}\n`;
  return `version: 1
id: example
title: Example
summary: An example.
parts: { some: { steps: [${ABORTING}] } }
steps:
  - { id: owing, ${MACHINE.replaceAll('\n    ', ', ')}, undo: { at: exit, pay: auto, steps: [${BACK.replace('back', 'paying')}] } }
  - { id: due, ${MACHINE.replaceAll('\n    ', ', ')}, undo: { at: exit, pay: auto, steps: [${INNER.replace('inner', 'paid')}] } }
  - { id: taken, ${MACHINE.replaceAll('\n    ', ', ')}, undo: { at: abort, pay: auto, steps: [${BACK.replace('back', 'taking')}] } }
${key.setting === 'inRounds' ? rounds : target}  - { id: after, uses: assert }
`;
}

const PEOPLE = ['manual', 'checklist', 'ask'];
const BY_RESULT = [...PEOPLE, 'pay', 'wait', 'assert'];

const isOf = (cls: string, kinds: readonly string[]): boolean =>
  kinds.some((kind) => cls.startsWith(`uses: ${kind}\n`) || cls === `uses: ${kind}`);

/** What a kind that neither fails nor takes time by itself needs, so that it does. */
function moreOf(cls: string, { setting, text }: Key): readonly string[] {
  if (setting === 'failing' && isOf(cls, BY_RESULT)) return ['    assert: [{ that: "false" }]'];
  if (setting !== 'slow') return [];
  const timed = text.startsWith('timeout');
  if (isOf(cls, ['assert'])) {
    return ['    until: { uses: file.read, with: { path: there }, that: "false", timeout: 60s }'];
  }
  return isOf(cls, PEOPLE) && !timed ? ['    timeout: 60s'] : [];
}

async function cell(cls: string, key: Key) {
  const loaded = await loadPlaybook(new SourceFile('example.yaml', sourceOf(cls, key)), {
    ids: () => Promise.resolve(['other']),
    find: (id) => Promise.resolve(id === 'other' ? OTHER : undefined),
  });
  const errors = loaded.diagnostics.filter(({ severity }) => severity === 'error');
  return { playbook: loaded.value, errors };
}

async function runOf(playbook: Playbook, cls: string, setting: Setting) {
  const seen = { identified: [] as string[], attached: [] as string[], begun: false, parked: false };
  let failed = false;
  const act = async (_: ValueMap, { clock, step, signal }: StepContext): Promise<ValueMap> => {
    if (!step.includes('target') && !(setting === 'slow' && step.startsWith('due!undo'))) return {};
    if (setting === 'failing' || (setting === 'between' && !failed)) {
      failed = true;
      throw new StepError('no', { code: 'no', changed: setting === 'between' ? 'maybe' : 'nothing' });
    }
    if (setting === 'slow') {
      await clock.sleep(60_000, signal);
      signal.throwIfAborted();
    }
    return { stdout: 'very secret' };
  };
  const begin: FakeKind['begin'] = async (args, context) => {
    seen.begun = true;
    await act(args, context);
    return { lost: new Promise<string>(() => undefined), end: () => Promise.resolve() };
  };
  const target = { group: 'services' as const, path: 'services.api', target: {}, effect: 'write' as const };
  const machine: FakeKind = { effect: 'write', run: act, targets: () => [target] };
  const answered = reply(setting);
  const operator = Object.fromEntries(
    ['target', 'inner', 'again', 'again#1/target', 'again#2/target', 'again#2/accept'].map((id) => [
      id,
      Array.from({ length: 4 }, () => answered),
    ]),
  );
  const run = await life([], {
    kinds: {
      'render.suspend': machine,
      'render.resume': { effect: 'write' },
      'sql.query': { run: act },
      'file.read': {},
      'http.request': { effect: 'unknown', run: act, targets: () => [] },
      shell: { effect: 'unknown', run: act, begin },
      ...Object.fromEntries(REAL.map((kind) => [kind.name, { ...kind, effect: 'none' as const }])),
    },
    environment: environment('sandbox', {
      data: { databases: { main: { name: 'm' }, spare: { name: 's', $target: 'databases.spare' } } },
    }),
    identity: (use) => {
      seen.identified.push(use.path ?? '');
      return { verdict: 'match', facts: {} };
    },
    answers: operator,
    options: {
      playbook,
      attach: (_, path) => {
        seen.attached.push(path);
        return Promise.resolve({ file: path, bytes: 1, sha256: '0' });
      },
      lease: {
        giveBack: () => {
          seen.parked = true;
          return Promise.resolve();
        },
        takeBack: () => Promise.resolve(undefined),
      },
    },
  });
  return {
    ...run,
    ...seen,
    began: () => seen.begun,
    parked: () => seen.parked,
    probed: () => run.steps.runs.some((each) => each.endsWith(' file.read')),
  };
}

function reply(setting: Setting): Reply {
  return (question) => {
    switch (question.type) {
      case 'gate':
        return { answer: 'go', values: { typed: question.typed ?? '' } };
      case 'input':
        return setting === 'slow' ? silence() : value(true);
      case 'failure':
        return setting === 'inRounds' ? 'accept' : { answer: 'abort', reason: 'enough' };
      case 'debt':
        return 'pay';
      default:
        return setting === 'slow' ? silence() : 'done';
    }
  };
}

it('the table has every key of a step', () => {
  const path = new URL('../../schemas/playbook.schema.json', import.meta.url);
  const schema = JSON.parse(readFileSync(path, 'utf8')) as Record<string, Json>;
  const defs = schema['$defs'] ?? null;
  const node = isJsonObject(defs) ? (defs['node'] ?? null) : null;
  const properties = isJsonObject(node) && isJsonObject(node['properties']) ? node['properties'] : {};
  expect([...Object.keys(KEYS), ...ELSEWHERE, ...CLASSES_BY_KEY].sort()).toEqual(
    Object.keys(properties).sort(),
  );
});

describe.each(Object.entries(CLASSES))('%s', (_, cls) => {
  it('is loaded as it stands', async () => {
    const { errors } = await cell(cls, { text: 'when: "true"', heeded: () => true });
    expect(errors).toEqual([]);
  });

  it.each(Object.entries(KEYS))('heeds or refuses %s', async (name, key) => {
    const { playbook, errors } = await cell(cls, key);
    if (playbook === undefined) {
      // It is the key that is refused, and by nothing that the example happens to lack.
      expect(errors.map(({ code }) => code)).not.toContain('DB022');
      return;
    }
    const run = await runOf(playbook, cls, key.setting ?? 'plain');
    expect(
      key.heeded(run),
      `${name}: ${JSON.stringify(run.result)}\n${run.operator.questions.join('\n')}`,
    ).toBe(true);
  });
});
