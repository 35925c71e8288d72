import { expect, test } from 'vitest';
import type { Library } from '../../engine/load/library.ts';
import { loadPlaybook } from '../../engine/load/playbook.ts';
import type { Playbook } from '../../engine/model/playbook.ts';
import type { Answer, Operator, Question } from '../../engine/model/ports.ts';
import { StepError } from '../../engine/model/kind.ts';
import { interpret } from '../../engine/interpret/run.ts';
import { SourceFile } from '../../engine/source/file.ts';
import type { FakeKind } from '../rig/fake-steps.ts';
import fc from '../rig/fast-check.ts';
import { ofType, setUp } from '../rig/interpreter.ts';

/**
 * What `check` passes does not fail in a run for something that is not there: each way in which
 * the step `made` may end, seen from each place where another asks for what it left.
 */

interface Ending {
  /** What stands at the step `made`. */
  readonly keys: string;
  readonly fails?: string;
  readonly gate?: Answer;
  readonly seen?: 'in always only' | 'beside a failure';
}

const byHand = (values?: Answer['values']): Answer => ({
  answer: 'byHand',
  reason: 'by hand',
  ...(values !== undefined && { values }),
});

const ENDINGS: Readonly<Record<string, Ending>> = {
  succeeded: { keys: '' },
  skipped: { keys: 'when: inputs.deep' },
  skippedForLater: { keys: 'when: now > timestamp("2099-01-01T00:00:00Z")' },
  byHand: { keys: 'confirm: { message: Go? }', gate: byHand({ text: 'x' }) },
  byHandWithoutAWord: { keys: 'confirm: { message: Go? }', gate: byHand() },
  declined: { keys: 'confirm: { message: Go?, onDecline: skip }', gate: { answer: 'decline', reason: 'no' } },
  declinedUnawares: { keys: 'confirm: { message: Go? }', gate: { answer: 'decline', reason: 'no' } },
  failedAndTolerated: { keys: 'onFailure: continue', fails: 'noSuchFile' },
  failedAndSkipped: { keys: 'onFailure: skip', fails: 'noSuchFile' },
  timedOut: { keys: 'onFailure: continue', fails: 'timeout' },
  expectedToFail: { keys: `expectFailure: error.code == "noSuchFile"`, fails: 'noSuchFile' },
  namedFailure: { keys: `outcomes: { lost: 'error.code == "noSuchFile"' }`, fails: 'noSuchFile' },
  alreadyDone: { keys: 'guard: { uses: file.list, with: { path: /a }, that: "true" }' },
  cancelled: { keys: '', seen: 'beside a failure' },
  neverReached: { keys: '', seen: 'in always only' },
};

/** Conditions over what the step left. `safe`: they ask first, so that `check` has nothing to say of them. */
const FORMS: readonly { readonly asks: string; readonly safe?: true }[] = [
  { asks: 'steps.made.output.text == "x"' },
  { asks: 'steps.made.error.code == "noSuchFile"' },
  { asks: 'steps.made.outcome == "succeeded" && steps.made.output.text == "x"' },
  { asks: 'steps.made.outcome != "skipped" && steps.made.output.text == "x"' },
  { asks: 'inputs.deep && steps.made.output.text == "x"' },
  { asks: 'now > timestamp("2099-01-01T00:00:00Z") && steps.made.output.text == "x"' },
  { asks: 'has(steps.made.output) || steps.made.output.text == "x"' },
  { asks: '!has(steps.made.output) && steps.made.output.text == "x"' },
  { asks: '(has(steps.made.error) ? 1 : 2) == 2 && steps.made.output.text == "x"' },
  { asks: 'has(steps.made.output) && steps.made.output.text == "x"', safe: true },
  { asks: 'has(steps.made.output.text) && steps.made.output.text == "x"', safe: true },
  { asks: '!has(steps.made.output) || steps.made.output.text == "x"', safe: true },
  { asks: 'has(steps.made.output) ? steps.made.output.text == "x" : false', safe: true },
  { asks: '!has(steps.made.output) ? false : steps.made.output.text == "x"', safe: true },
  { asks: 'steps.made.?output.?text.orValue("") == "x"', safe: true },
  { asks: 'steps.made.?output.hasValue() && steps.made.output.text == "x"', safe: true },
  { asks: 'has(steps.made.error) && steps.made.error.code == "noSuchFile"', safe: true },
  { asks: 'steps.made.?error.?code.orValue("") == "noSuchFile"', safe: true },
  {
    asks: 'steps.made.outcome in ["failed", "timedOut"] && steps.made.error.code == "noSuchFile"',
    safe: true,
  },
];

/** Where it is asked. `$` stands for the condition. */
const PLACES: Readonly<Record<string, string>> = {
  'when of a phase': '- { phase: Later, when: $, steps: [{ uses: wait, with: { for: 1s } }] }',
  'when of a step': '- { uses: wait, with: { for: 1s }, when: $ }',
  template: '- { uses: file.read, with: { path: $T } }',
  'value of let': '- { uses: file.read, with: { path: "${{ vars.asked }}" } }',
  assert: '- { uses: file.read, with: { path: /b }, assert: [{ that: $ }], onFailure: continue }',
  pick: '- { id: way, choose: { pick: $P, branches: { a: { steps: [] }, b: { steps: [] } } } }',
  'when of a branch':
    '- { id: way, choose: { pick: "\'b\'", branches: { a: { when: $, steps: [] }, b: { steps: [] } } } }',
  'outputs of a branch':
    '- { id: way, choose: { pick: "\'a\'", branches: { a: { steps: [], outputs: { v: $T } }, b: { steps: [], outputs: { v: n } } } } }',
  'list of a loop': '- { id: each, forEach: { in: $L }, uses: file.read, with: { path: /c } }',
  'step of a loop': '- { id: each, forEach: { in: [1] }, uses: file.read, with: { path: $T } }',
  'accept of rounds':
    '- { id: rounds, repeat: { max: 1, accept: $, steps: [{ uses: wait, with: { for: 1s } }] } }',
  'branch side by side': '- { parallel: { branches: { a: { when: $, steps: [] }, b: { steps: [] } } } }',
  undo: '- { id: back, uses: file.write, with: { path: d, text: d }, undo: { at: exit, pay: auto, steps: [{ uses: file.read, with: { path: $T } }] } }',
  'outputs of a part': '- { id: part, uses: part, with: { part: inner, inputs: { given: $T } } }',
};

const GUARDS = ['', 'has(steps.made.output)', 'steps.made.output.text == "x"', 'inputs.deep'] as const;

const quoted = (text: string): string => JSON.stringify(text);

function bookOf(ending: Ending, place: string, form: string, guard: string): string {
  const consumer = place
    .replaceAll('$T', quoted(`\${{ (${form}) ? "y" : "n" }}`))
    .replaceAll('$P', quoted(`(${form}) ? "a" : "b"`))
    .replaceAll('$L', quoted(`\${{ (${form}) ? [1] : [2] }}`))
    .replace(/\$(?!\{)/g, () => quoted(form));
  const around =
    guard === '' ? consumer : `- phase: Around\n    when: ${quoted(guard)}\n    steps:\n      ${consumer}`;
  const made = `- { id: made, uses: file.read, with: { path: /a }${ending.keys === '' ? '' : `, ${ending.keys}`} }`;
  const fails = '- { id: broken, uses: file.list, with: { path: /broken }, onFailure: abort }';
  const steps =
    ending.seen === 'in always only'
      ? `${fails}\n  ${made}`
      : ending.seen === 'beside a failure'
        ? `- { parallel: { branches: { a: { steps: [${made.slice(2)}] }, b: { steps: [${fails.slice(2)}] } } } }`
        : made;
  return `version: 1
id: book
title: Book
summary: A book.
inputs:
  deep: { prompt: Deep?, type: boolean, default: false }
let: { asked: ${quoted(`\${{ (${form}) ? "y" : "n" }}`)} }
parts:
  inner: { inputs: { given: { prompt: Given?, type: text } }, steps: [], outputs: { v: "\${{ inputs.given }}" } }
steps:
  ${steps}
${ending.seen === undefined ? `  ${around}` : `always:\n  ${around}`}
`;
}

const library: Library = { ids: () => Promise.resolve([]), find: () => Promise.resolve(undefined) };

/** Says what the scenario says at the gate of `made`, what is asked for when it was done by hand, and else goes on or ends. */
class Scripted implements Operator {
  readonly name = 'ada';
  readonly failures: string[] = [];
  readonly #gate: Answer;

  constructor(gate: Answer) {
    this.#gate = gate;
  }

  ask(question: Question): Promise<Answer> {
    return Promise.resolve(this.#answer(question));
  }

  #answer(question: Question): Answer {
    if (question.type === 'gate') return question.key === 'made' ? this.#gate : { answer: 'go' };
    if (question.type === 'input') return { answer: 'value', values: { value: false } };
    if (question.type !== 'failure') return { answer: 'abort', reason: 'enough' };
    const { code, message } = question.error;
    this.failures.push(`${code}: ${message}`);
    if (code === 'rounds') return { answer: 'accept', reason: 'enough' };
    return code === 'outputs' ? byHand({ text: 'x' }) : { answer: 'abort', reason: 'enough' };
  }
}

function kindsFor(ending: Ending): Readonly<Record<string, FakeKind>> {
  return {
    'file.read': {
      run: (_args, { step }) =>
        step.split('/').at(-1) === 'made' && ending.fails !== undefined
          ? Promise.reject(new StepError('it is gone', { code: ending.fails }))
          : Promise.resolve({ text: 'x' }),
    },
    'file.list': {
      run: ({ path }) =>
        path === '/broken'
          ? Promise.reject(new StepError('broken', { code: 'broken' }))
          : Promise.resolve({ count: 1 }),
    },
    'file.write': { effect: 'write', run: () => Promise.resolve({ path: 'd' }) },
    wait: { run: () => Promise.resolve({}) },
  };
}

/** What the run failed for, where an expression could not be evaluated. */
async function missedIn(playbook: Playbook, ending: Ending): Promise<readonly string[]> {
  const operator = new Scripted(ending.gate ?? { answer: 'go' });
  const { options, events } = setUp([], { kinds: kindsFor(ending), options: { playbook, operator } });
  await interpret(options);
  const failed = ofType(events, 'step.attemptFailed').map(({ error }) => `${error.code}: ${error.message}`);
  return [...operator.failures, ...failed].filter((failure) => failure.startsWith('evaluation'));
}

test('what `check` passes does not fail in a run for something that is not there', async () => {
  let passed = 0;
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...Object.keys(ENDINGS)),
      fc.constantFrom(...Object.keys(PLACES)),
      fc.constantFrom(...FORMS),
      fc.constantFrom(...GUARDS),
      async (how, where, form, guard) => {
        const ending = ENDINGS[how] ?? { keys: '' };
        const text = bookOf(ending, PLACES[where] ?? '', form.asks, guard);
        const { diagnostics, value } = await loadPlaybook(new SourceFile('book.yaml', text), library);
        const codes = diagnostics.map(({ code, message }) => `${code} ${message}`);
        expect(codes.filter((code) => !code.startsWith('DB046'))).toEqual([]);
        if (form.safe === true && guard !== GUARDS[2]) expect(codes, text).toEqual([]);
        if (value === undefined || codes.length > 0) return;
        passed += 1;
        expect(await missedIn(value, ending), text).toEqual([]);
      },
    ),
    { numRuns: 600 },
  );
  expect(passed).toBeGreaterThan(200);
});
