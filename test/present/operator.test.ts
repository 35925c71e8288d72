import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Instant } from '../../engine/base/instant.ts';
import type { Value } from '../../engine/base/value.ts';
import { isValueList } from '../../engine/base/value.ts';
import type { Answer, GateQuestion, InputQuestion, Operator, Question } from '../../engine/model/ports.ts';
import { createTerminalOperator } from '../../engine/present/operator.ts';
import type { TerminalView } from '../../engine/present/terminal.ts';
import { createTerminalView } from '../../engine/present/terminal.ts';
import type { EnvironmentKind } from '../../engine/model/environment.ts';
import { demoQuestions } from '../rig/demo-questions.ts';
import { FakeClock } from '../rig/fake-clock.ts';
import { KEY, virtualKeyboard, VirtualTerminal } from '../rig/virtual-terminal.ts';

const questions = demoQuestions();
let terminal: VirtualTerminal;
let keyboard: ReturnType<typeof virtualKeyboard>;
let view: TerminalView;
let operator: Operator;
let pause: AbortController;
let elapsedMs: number;
let clock: FakeClock;

function open(environment: EnvironmentKind): void {
  clock = new FakeClock();
  terminal = new VirtualTerminal(100, 40);
  keyboard = virtualKeyboard();
  pause = new AbortController();
  elapsedMs = 0;
  view = createTerminalView({
    stdout: terminal.stdout,
    stderr: new VirtualTerminal().stdout,
    stdin: keyboard.stdin,
    color: false,
    unicode: true,
    clock,
    headline: () => ({
      elapsedMs: (elapsedMs += 1000),
      mode: 'drill',
      playbook: 'database-corruption',
      environment: 'sandbox',
      openDebts: 0,
    }),
  });
  operator = createTerminalOperator({
    view,
    name: 'ada',
    environment,
    onInterrupt: () => {
      pause.abort(new Error('interrupted'));
    },
  });
}

beforeEach(() => {
  open('sandbox');
});

afterEach(() => {
  view.close();
});

describe('the key for another branch', () => {
  it('is told while something is waited for, and resolves the wish when it is pressed', async () => {
    const waits = new AbortController();
    const wished = operator.wantsOtherBranch?.('Whose fault is it?', waits.signal);
    await terminal.shows(/x twice: go on with another branch \(Whose fault is it\?\)/);
    await press('y', 'x');
    await terminal.shows(/x again: go on with another branch/);
    await press('x');
    await expect(wished).resolves.toBeUndefined();
  });

  it('is told no more once the branch is over, and means nothing then', async () => {
    const waits = new AbortController();
    let wished = false;
    void operator.wantsOtherBranch?.('Whose fault is it?', waits.signal).then(() => (wished = true));
    await terminal.shows(/x twice/);
    waits.abort();
    await terminal.hides(/x twice/);
    await press('x', 'x');
    expect(await converse(questions.gate, [/Go ahead\?/, 'p'])).toMatchObject({ answer: 'pause' });
    expect(wished).toBe(false);
  });
});

/** Presses keys as a person does: each when the question has been read, and each alone. */
async function press(...keys: readonly string[]): Promise<void> {
  for (const key of keys) {
    await clock.idle();
    keyboard.press(key);
    await clock.idle();
  }
}

/** Asks, and plays a conversation: waits until the screen shows something, then presses keys. */
async function converse(
  question: Question,
  ...turns: readonly (readonly [shows: RegExp, ...keys: string[]])[]
): Promise<Answer> {
  const answer = operator.ask(question, pause.signal);
  // The conversation may be over with an error before its last turn.
  answer.catch(() => undefined);
  for (const [shows, ...keys] of turns) {
    await terminal.shows(shows);
    await press(...keys);
  }
  const answered = await answer;
  await terminal.hides(/───/);
  return answered;
}

/** A gate at which no name is typed. */
function untyped(change: Partial<GateQuestion>): GateQuestion {
  const gate: GateQuestion = { ...questions.gate, ...change };
  delete (gate as { typed?: string }).typed;
  return gate;
}

describe('a gate', () => {
  it('shows what will happen, to what, and how one would do it by hand', async () => {
    const asked = operator.ask(questions.gate, pause.signal);
    await terminal.shows(/Go ahead\?/);
    for (const text of [
      'From here on the old database is no longer used.',
      'Set DATABASE_URL of peakops-api',
      'destructive',
      'cannot be undone any more',
      'services.api  ✔ it is the one that is meant',
      'region frankfurt',
      'databases.main  ? it cannot be asked who it is',
      'curl -X PUT',
      'The pages of the old database are damaged',
    ]) {
      expect(terminal.text).toContain(text);
    }
    await press('p');
    await asked;
  });

  it('is answered by one key', async () => {
    await expect(converse(questions.gate, [/p {2}Pause/, 'p'])).resolves.toEqual({ answer: 'pause' });
  });

  it('is answered by arrows and Enter', async () => {
    const gate = { ...questions.gate, effect: 'write' } as const;
    await expect(
      converse(
        gate,
        [/▸ g/, KEY.down],
        [/▸ n/, KEY.up],
        [/▸ g/, KEY.up],
        [/▸ a/, KEY.up],
        [/▸ p/, KEY.enter],
      ),
    ).resolves.toEqual({ answer: 'pause' });
  });

  it('is not approved by Enter alone when it is destructive, nor by a key that means nothing', async () => {
    const answer = await converse(
      untyped({}),
      [/Go ahead\?/, KEY.enter],
      [/Nothing is chosen yet/, 'q'],
      [/q is none of g n h t p a/, 'g'],
    );
    expect(answer).toEqual({ answer: 'go' });
  });

  it('is not answered by one key on production: the key goes to the choice, and Enter takes it', async () => {
    view.close();
    open('production');
    const answer = await converse(
      untyped({ effect: 'write' }),
      [/Go ahead\? {2}a key or arrows, then Enter/, KEY.enter],
      [/Nothing is chosen yet/, 'g'],
      [/▸ g {2}Go ahead/, 'p'],
      [/▸ p {2}Pause/, KEY.enter],
    );
    expect(answer).toEqual({ answer: 'pause' });
  });

  it.each(['staging', 'production'] as const)('offers nothing to Enter alone in %s', async (environment) => {
    view.close();
    open(environment);
    const branch = { ...questions.branch, choices: ['branch', 'pause'] } as const;
    const writes = [{ ...questions.gate, effect: 'write' } as const, questions.failure, branch];
    for (const question of writes) {
      await converse(
        question,
        [/Go ahead\?|What now\?|Which way\?/, KEY.enter],
        [/Nothing is chosen yet/, 'p', KEY.enter],
      );
    }
  });

  it('shows the values that were given for another try', async () => {
    const asked = operator.ask({ ...questions.gate, values: { at: 'noon', tries: '3' } }, pause.signal);
    await terminal.shows(/with {5}at: noon\n +tries: 3/);
    await press('p');
    await asked;
  });

  it('wants the name letter by letter, and says what was expected', async () => {
    const answer = await converse(
      questions.gate,
      [/Go ahead\?/, 'g'],
      [/Type peakops-main to go ahead/, KEY.enter],
      [/✖ Expected peakops-main\./, 'peakops-mian', KEY.enter],
      [/Expected peakops-main, not peakops-mian/, ...Array<string>(4).fill(KEY.backspace)],
      [/Right so far/, 'main'],
      [/That is it/, KEY.enter],
    );
    expect(answer).toEqual({ answer: 'go', values: { typed: 'peakops-main' } });
  });

  it('lets one go back from the name to the choices', async () => {
    const answer = await converse(
      questions.gate,
      [/Go ahead\?/, 'g'],
      [/Type peakops-main/, KEY.escape],
      [/Go ahead\?/, 'n'],
      [/Why\?/, KEY.enter],
      [/A few words are needed/, 'wrong database', KEY.enter],
    );
    expect(answer).toEqual({ answer: 'decline', reason: 'wrong database' });
  });

  it('asks for the outputs that are needed later when it was done by hand', async () => {
    const answer = await converse(
      questions.gate,
      [/Go ahead\?/, 'h'],
      [/Why\?/, 'console was faster', KEY.enter],
      [/Its deploy:/, '{"id":"dep-1"}', KEY.enter],
    );
    expect(answer).toEqual({
      answer: 'byHand',
      reason: 'console was faster',
      values: { deploy: { id: 'dep-1' } },
    });
  });

  it('takes a note', async () => {
    const answer = await converse(questions.gate, [/Go ahead\?/, 't'], [/Note:/, 'called Render', KEY.enter]);
    expect(answer).toEqual({ answer: 'note', values: { text: 'called Render' } });
  });

  it('shows that a note was taken, where the question is asked again', async () => {
    await converse(questions.gate, [/Go ahead\?/, 't'], [/Note:/, 'called Render', KEY.enter]);
    const again = operator.ask(questions.gate, pause.signal);
    await terminal.shows(/noted +✔ called Render/);
    await press('p');
    await again;
    const later = operator.ask(questions.gate, pause.signal);
    await terminal.hides(/called Render/);
    await terminal.shows(/Go ahead\?/);
    await press('p');
    await later;
  });

  it('keeps the clock going above the prompt', async () => {
    const asked = operator.ask(questions.gate, pause.signal);
    await terminal.shows(/Go ahead\?/);
    const then = /(\d:\d\d) elapsed/.exec(terminal.text)?.[1] ?? '';
    await terminal.shows(new RegExp(`(?!${then})\\d:\\d\\d elapsed[\\s\\S]*Go ahead`));
    await press('p');
    await asked;
  });
});

describe('Ctrl-C and a signal', () => {
  it('makes Ctrl-C a pause: the question rejects with the reason of the abort', async () => {
    await expect(converse(questions.gate, [/Go ahead\?/, KEY.ctrlC])).rejects.toThrow('interrupted');
    expect(pause.signal.aborted).toBe(true);
  });

  it('does the same while words are typed', async () => {
    await expect(
      converse(questions.gate, [/Go ahead\?/, 'n'], [/Why\?/, 'half a rea', KEY.ctrlC]),
    ).rejects.toThrow('interrupted');
  });

  it('closes the question cleanly when its signal aborts, and asks the next one', async () => {
    const seen = new AbortController();
    const asked = operator.ask(questions.watched, seen.signal);
    asked.catch(() => undefined);
    await terminal.shows(/The effect is watched/);
    seen.abort(new Error('seen'));
    await expect(asked).rejects.toThrow('seen');
    await expect(converse(questions.debt, [/Put it right now/, 'y'])).resolves.toEqual({ answer: 'pay' });
    expect(terminal.text).not.toContain('The effect is watched');
  });

  it('does not ask at all when the signal has aborted already', async () => {
    await expect(operator.ask(questions.gate, AbortSignal.abort(new Error('late')))).rejects.toThrow('late');
  });
});

describe('a failure', () => {
  it('shows code, message, hint and what was changed', async () => {
    const asked = operator.ask(questions.failure, pause.signal);
    await terminal.shows(/What now\?/);
    expect(terminal.text).toContain('Render answers 429 Too Many Requests');
    expect(terminal.text).toContain('429, at attempt 3');
    expect(terminal.text).toContain('Wait a minute');
    expect(terminal.text).toContain('nothing: the world is as it was before this step');
    await press('r');
    await expect(asked).resolves.toEqual({ answer: 'retry' });
  });

  it('is retried with other values, typed values keeping their types', async () => {
    const answer = await converse(
      questions.failure,
      [/What now\?/, 'w'],
      [/3 {2}tries: 3/, '3'],
      [/a number/, KEY.backspace],
      [/^> *$/m, '5', KEY.enter],
      [/3 {2}tries: 5/, '1'],
      [/a string/, ...Array<string>(5).fill(KEY.backspace), 'srv-2', KEY.enter],
      [/1 {2}service: srv-2/, 'r'],
    );
    expect(answer).toEqual({
      answer: 'retryWith',
      values: { service: 'srv-2', clearCache: false, tries: 5 },
    });
  });

  it('is not retried by Enter alone when something may have changed', async () => {
    const failure = { ...questions.failure, error: { ...questions.failure.error, changed: 'maybe' } };
    const answer = await converse(
      failure,
      [/What now\?/, KEY.enter],
      [/Nothing is chosen yet/, 's'],
      [/Why\?/, 'not needed', KEY.enter],
    );
    expect(answer).toEqual({ answer: 'skip', reason: 'not needed' });
  });
});

describe('the other questions', () => {
  it('wants every item of a checklist ticked before it is done', async () => {
    const answer = await converse(
      questions.manual,
      [/3 \[ \] The on-call lead/, '1', 'd'],
      [/2 of 3 not ticked yet/, '3', KEY.up, ' '],
      [/2 \[✔\]/, 'd'],
    );
    expect(answer).toEqual({ answer: 'done' });
  });

  it('lets what does not fit in a row go on below its own beginning', async () => {
    const point =
      'Mail: what was said of inspections that are no more, whoever wrote it, and in whichever language';
    const manual = { ...questions.manual, items: [point] };
    const answer = await converse(manual, [/1 \[ \] Mail: what .*\n {8}\S.*\n/, '1', 'd']);
    expect(answer).toEqual({ answer: 'done' });
  });

  it('asks in doubt whether it happened, and Enter says nothing', async () => {
    const answer = await converse(
      questions.doubt,
      [/Did it happen\?/, KEY.enter],
      [/Nothing is chosen yet/, 'n'],
    );
    expect(answer).toEqual({ answer: 'notHappened' });
  });

  it('asks for the outputs of a step that happened without anybody seeing it end', async () => {
    const question = { ...questions.doubt, outputs: ['id', 'tries'] };
    const answer = await converse(
      question,
      [/Did it happen\?/, 'y'],
      [/Its id:/, 'dpg-1', KEY.enter],
      [/Its tries:/, '3', KEY.enter],
    );
    expect(answer).toEqual({ answer: 'happened', values: { id: 'dpg-1', tries: 3 } });
  });

  it('offers branches by number, the default by Enter', async () => {
    const branch = (name: string): Answer => ({ answer: 'branch', values: { branch: name } });
    await expect(converse(questions.branch, [/▸ 1 {2}Wait/, KEY.enter])).resolves.toEqual(branch('wait'));
    await expect(converse(questions.branch, [/2 {2}Migrate/, '2'])).resolves.toEqual(branch('migrate'));
  });

  it('reads a moment, says which one was understood, and checks it', async () => {
    const answer = await converse(
      questions.input,
      [/When \(10 minutes ago/, '2199-01-01T00:00:00Z'],
      [/in \d+d .*: It lies in the future/, KEY.enter],
      [/✖ It lies in the future/, ...Array<string>(20).fill(KEY.backspace)],
      [/^> *$/m, '10m ago'],
      [/10m 0\ds ago/, KEY.enter],
      [/UTC, .*10m 0\ds ago: is that right\?/, 'n'],
      [/^> 10m ago$/m, KEY.enter],
      [/is that right\?/, 'y'],
    );
    const value = answer.values?.['value'];
    expect(value).toBeInstanceOf(Instant);
    expect(Date.now() - (value as Instant).epochMillis).toBeGreaterThan(599_000);
  });

  describe('a moment that the playbook offers', () => {
    const began = Instant.parse('2026-01-05T09:00:00Z')!;
    const offers = [{ label: 'When the disaster began', value: began }];

    it('is taken by its number, as it is shown', async () => {
      const answer = await converse({ ...questions.input, offers }, [
        /1 {2}When the disaster began: 2026-01-05 09:00:00 UTC, .* ago\n/,
        '1',
      ]);
      expect(answer).toEqual({ answer: 'value', values: { value: began } });
    });

    it('can be left for one that is typed, and come back to', async () => {
      const answer = await converse(
        { ...questions.input, offers, default: Instant.parse('2026-01-05T08:00:00Z')! },
        [/▸ 1 {2}As proposed: 2026-01-05 08:00:00 UTC[^]*2 {2}When the disaster began/, 'w'],
        [/When \(10 minutes ago/, KEY.escape],
        [/w {2}Another moment/, 'w'],
        [/When \(10 minutes ago/, '2026-01-05T08:30:00Z', KEY.enter],
        [/is that right\?/, 'y'],
      );
      expect(answer.values).toEqual({ value: Instant.parse('2026-01-05T08:30:00Z') });
    });
  });

  it('gives the default of an input by Enter', async () => {
    const input = { ...questions.input.input, type: 'number' } as const;
    const question = { ...questions.input, input, default: 7 };
    await expect(converse(question, [/\(Enter: 7\)/, KEY.enter])).resolves.toEqual({
      answer: 'value',
      values: { value: 7 },
    });
  });

  it('offers a choice by number, and the run can be aborted there', async () => {
    await expect(converse(questions.choice, [/2 {2}The whole/, '2'])).resolves.toEqual({
      answer: 'value',
      values: { value: 'database' },
    });
    await expect(
      converse(questions.choice, [/a {2}Abort/, 'a'], [/Why\?/, 'false alarm', KEY.enter]),
    ).resolves.toEqual({ answer: 'abort', reason: 'false alarm' });
  });

  it('has several out of a list ticked, and takes only those', async () => {
    const { input } = questions.choice;
    const question = {
      ...questions.choice,
      input: { ...input, type: 'list' } as const,
      default: ['tables'],
      check: (value: Value) => (isValueList(value) && value.length > 0 ? undefined : 'At least one'),
    };
    const answer = await converse(
      question,
      [/1 \[✔\] Some tables/, '1'],
      [/1 \[ \] Some tables/, 'd'],
      [/At least one\. Which of them\?/, '2', 'd'],
    );
    expect(answer).toEqual({ answer: 'value', values: { value: ['database'] } });
  });

  it.each([
    ['one', 'choice', /Choose: .*\n {5}Written {2}Bytes\n▸? +1 {2}12:00 {4}2048\n/, ['1']],
    ['several', 'list', /Which of them\? .*\n {8}Written {2}Bytes\n▸ 1 \[ \] 12:00 {4}2048\n/, ['1', 'd']],
  ] as const)('names the columns of a list above them: %s of it', async (_, type, shown, keys) => {
    const { input } = questions.choice;
    const options = [{ value: 'v1', label: '12:00    2048' }];
    const question = { ...questions.choice, heading: 'Written  Bytes', input: { ...input, type, options } };
    const answer = await converse(question, [shown, ...keys]);
    expect(answer).toEqual({ answer: 'value', values: { value: type === 'list' ? ['v1'] : 'v1' } });
  });

  const tables = (type: 'choice' | 'list'): InputQuestion => {
    const options = Array.from({ length: 100 }, (_, at) => ({
      value: `t${String(at)}`,
      label: `table ${String(at)}`,
    }));
    return { ...questions.choice, heading: 'Name', input: { ...questions.choice.input, type, options } };
  };

  it('shows the part of a long list that one is in', async () => {
    const answer = await converse(
      tables('choice'),
      [/table 0\b/, KEY.up, KEY.up, KEY.up],
      [/▸ table 97/, KEY.down, KEY.down, KEY.down, KEY.down, KEY.up],
      [/▸ table 0/, KEY.up],
      [/^ {2}Name\n[^]*▸ table 99\n100 of 100/m, KEY.enter],
    );
    expect(answer).toEqual({ answer: 'value', values: { value: 't99' } });
    expect(terminal.height).toBeLessThanOrEqual(40);
  });

  it('makes a long list shorter while one types', async () => {
    const answer = await converse(
      tables('choice'),
      [/100 of 100/, '7 TAB'],
      [/^> 7 TAB$\n[^]*▸ table 7\n {2}table 17\n[^]*\n19 of 100/m, 'x', KEY.enter],
      [/Nothing has that in it\./, KEY.backspace, KEY.down],
      [/▸ table 17/, KEY.enter],
    );
    expect(answer).toEqual({ answer: 'value', values: { value: 't17' } });
  });

  it('takes nothing of a long list by Enter alone, and leads to the other answers by Escape', async () => {
    const answer = await converse(
      tables('choice'),
      [/100 of 100/, KEY.enter],
      [/Nothing is chosen yet/, KEY.escape],
      [/a {2}Abort the run/, 'a'],
      [/Why\?/, 'false alarm', KEY.enter],
    );
    expect(answer).toEqual({ answer: 'abort', reason: 'false alarm' });
  });

  it('keeps what was ticked in a long list while it is filtered', async () => {
    const question = { ...tables('list'), default: ['t3'] };
    const answer = await converse(
      question,
      [/\[✔\] table 3\n[^]*100 of 100, 1 ticked/, '42', KEY.tab],
      [/▸ \[✔\] table 42\n1 of 100, 2 ticked/, KEY.backspace, KEY.backspace, KEY.enter],
    );
    expect(answer).toEqual({ answer: 'value', values: { value: ['t3', 't42'] } });
  });

  it('asks yes or no by letter', async () => {
    const question = { ...questions.input, input: { ...questions.input.input, type: 'boolean' as const } };
    await expect(converse(question, [/n {2}No/, 'n'])).resolves.toEqual({
      answer: 'value',
      values: { value: false },
    });
  });
});
