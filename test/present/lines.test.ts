import { beforeEach, describe, expect, it } from 'vitest';
import type { Answer, Operator, Question } from '../../engine/model/ports.ts';
import type { EnvironmentKind } from '../../engine/model/environment.ts';
// Loaded with the first question: here before the clock is.
import '../../engine/present/ask/input.ts';
import { createLineView } from '../../engine/present/lines/view.ts';
import type { LineView } from '../../engine/present/lines/view.ts';
import { createTerminalOperator } from '../../engine/present/operator.ts';
import { demoQuestions } from '../rig/demo-questions.ts';
import { FakeClock } from '../rig/fake-clock.ts';
import { virtualKeyboard } from '../rig/virtual-terminal.ts';

const questions = demoQuestions();
let lines: string[];
let clock: FakeClock;
let keyboard: ReturnType<typeof virtualKeyboard>;
let pause: AbortController;
let view: LineView;
let operator: Operator;

function open(environment: EnvironmentKind = 'sandbox'): void {
  lines = [];
  clock = new FakeClock();
  keyboard = virtualKeyboard();
  pause = new AbortController();
  const interrupt = (): void => pause.abort(new Error('interrupted'));
  view = createLineView({
    write: (line) => lines.push(line),
    color: false,
    unicode: true,
    stdin: keyboard.stdin,
    clock,
    interrupt,
    columns: () => 80,
  });
  operator = createTerminalOperator({ view, name: 'ada', environment, onInterrupt: interrupt });
}

beforeEach(() => {
  open();
});

/** Types what a person types: each text when the question has been read, and alone. */
async function types(...texts: readonly string[]): Promise<void> {
  for (const text of texts) {
    await clock.idle();
    keyboard.press(text);
    await clock.idle();
  }
}

async function converse(question: Question, ...typed: readonly string[]): Promise<Answer> {
  const answer = operator.ask(question, pause.signal);
  answer.catch(() => undefined);
  await types(...typed.map((text) => `${text}\n`));
  return answer;
}

describe('a question in lines', () => {
  it.each<readonly [string, Question, readonly string[], Answer]>([
    ['a word for a letter', questions.failure, ['retry'], { answer: 'retry' }],
    ['a letter', questions.failure, ['R'], { answer: 'retry' }],
    ['Enter alone, where that is offered', questions.failure, [''], { answer: 'retry' }],
    [
      'a name that must be typed, after a wrong one',
      questions.gate,
      ['g', 'peakops', 'peakops-main'],
      { answer: 'go', values: { typed: 'peakops-main' } },
    ],
    ['a reason, after none', questions.gate, ['n', '', 'not now'], { answer: 'decline', reason: 'not now' }],
    ['back to the choices', questions.gate, ['n', 'back', 'p'], { answer: 'pause' }],
    ['one of several', questions.choice, ['2'], { answer: 'value', values: { value: 'database' } }],
    [
      'a pasted note of several lines',
      questions.gate,
      ['t', 'it rang\nand rang'],
      { answer: 'note', values: { text: 'it rang and rang' } },
    ],
  ])('takes %s', async (_, question, typed, expected) => {
    expect(await converse(question, ...typed)).toEqual(expected);
  });

  it('says all that it is about first, then what can be typed', async () => {
    await converse(questions.failure, 'r');
    expect(lines.slice(0, 3)).toEqual([
      'error    Render answers 429 Too Many Requests',
      'code     429, at attempt 3',
      'changed  nothing: the world is as it was before this step',
    ]);
    expect(lines).toContain('  w  Retry with other values');
    expect(lines.at(-1)).toBe('(a letter, then Enter; Enter alone: r)');
  });

  it('has things ticked before it is done', async () => {
    const answered = converse(questions.manual, 'd', '1', '2, 3', 'd');
    const items = questions.manual.items.length;
    expect(await answered).toMatchObject({ answer: 'done' });
    expect(lines).toContain(`✖ ${String(items)} of ${String(items)} not ticked yet.`);
  });

  it('takes nothing for a slip: an unknown letter, Enter where it would go ahead, a paste', async () => {
    expect(await converse(questions.gate, 'z', '', 'g\nn\nn', 'p')).toEqual({ answer: 'pause' });
    expect(lines.filter((line) => line.startsWith('✖'))).toEqual([
      expect.stringContaining('z is none of g, n, h'),
      '✖ Nothing is chosen yet.',
      '✖ Several lines at once choose nothing: one answer, then Enter.',
    ]);
  });

  it('is not answered by what was typed before it, and says so', async () => {
    await types('g\n');
    const answer = operator.ask(questions.gate, pause.signal);
    keyboard.press('g\n');
    await types('p\n');
    expect(await answer).toEqual({ answer: 'pause' });
    const dropped = lines.filter((line) => line.startsWith('Not taken'));
    expect(dropped).toEqual(Array(2).fill('Not taken, as no question stood here before it: g'));
  });

  it.each([
    [
      'Ctrl-C',
      () => {
        keyboard.press('\u0003');
      },
    ],
    [
      'the end of the input',
      () => {
        keyboard.end();
      },
    ],
  ])('is left by %s', async (_, leave) => {
    const answer = operator.ask(questions.gate, pause.signal);
    answer.catch(() => undefined);
    await clock.idle();
    leave();
    await expect(answer).rejects.toThrow('interrupted');
  });

  it('offers another branch while something is waited for, by a key and Enter', async () => {
    const wished = operator.wantsOtherBranch?.('Whose fault is it?', pause.signal);
    expect(lines).toEqual(['(x, then Enter: go on with another branch (Whose fault is it?))']);
    await types('x\n');
    await expect(wished).resolves.toBeUndefined();
  });
});
