import { expect, it } from 'vitest';
import type { EnvironmentKind } from '../../engine/model/environment.ts';
import type { Answer } from '../../engine/model/ports.ts';
import { createTerminalOperator } from '../../engine/present/operator.ts';
import { createTerminalView } from '../../engine/present/terminal.ts';
import { demoQuestions } from '../rig/demo-questions.ts';
import { FakeClock } from '../rig/fake-clock.ts';
import fc from '../rig/fast-check.ts';
import { KEY, virtualKeyboard, VirtualTerminal } from '../rig/virtual-terminal.ts';

/*
 * Whatever comes in faster than a person types answers nothing: a paste, with the terminal's brackets or without,
 * in whatever pieces, and a key that is held down.
 */

/** Everything but Ctrl-C and Ctrl-Z, which are heard at any time and answer nothing. */
const character = fc.oneof(
  fc.constantFrom(
    ...Array.from('gyrnwpahdsulobetx1234'),
    '\r',
    '\n',
    ' ',
    '\u001B',
    '\u001B[',
    '\u007F',
    '\t',
  ),
  fc.string({ unit: 'binary', minLength: 1, maxLength: 1 }),
);
const text = fc
  .array(character, { minLength: 2, maxLength: 24 })
  .map((parts) => parts.join('').replaceAll(/[\u0003\u001A]/g, ''))
  .filter((each) => Array.from(each).length > 1);

/** A text in the pieces in which it comes. */
const inPieces = (whole: fc.Arbitrary<string>): fc.Arbitrary<readonly string[]> =>
  fc.tuple(whole, fc.array(fc.nat(), { maxLength: 6 })).map(([all, cuts]) => {
    const at = [...new Set(cuts.map((cut) => cut % all.length))].sort((a, b) => a - b);
    return [0, ...at]
      .map((from, index) => all.slice(from, at[index] ?? all.length))
      .filter((piece) => piece !== '');
  });

const burst = fc.oneof(
  inPieces(text),
  text.map((all) => Array.from(all)),
  inPieces(text.map((all) => `\u001B[200~${all.replaceAll('\u001B', '')}\u001B[201~`)),
  fc
    .tuple(fc.constantFrom(KEY.enter, 'g', 'y', 'r', ' '), fc.integer({ min: 2, max: 20 }))
    .map(([key, times]) => Array<string>(times).fill(key)),
);

const questions = Object.entries(demoQuestions());
const environments: readonly EnvironmentKind[] = ['sandbox', 'production'];

it.each(
  environments.flatMap((environment) =>
    questions.map(([name, question]) => ({ environment, name, question })),
  ),
)('nothing that no person typed answers: $name, in $environment', async ({ environment, question }) => {
  const terminal = new VirtualTerminal(100, 40);
  const keyboard = virtualKeyboard();
  const clock = new FakeClock();
  const view = createTerminalView({
    stdout: terminal.stdout,
    stderr: new VirtualTerminal().stdout,
    stdin: keyboard.stdin,
    color: false,
    unicode: true,
    clock,
    headline: () => ({ elapsedMs: 0, mode: 'recover', playbook: 'p', environment: 'e', openDebts: 0 }),
  });
  const over = new AbortController();
  const interrupt = (): void => over.abort(new Error('interrupted'));
  const operator = createTerminalOperator({ view, name: 'ada', environment, onInterrupt: interrupt });
  let answered: Answer | undefined;
  const asked = operator.ask(question, over.signal).then(
    (answer) => (answered = answer),
    () => undefined,
  );
  await terminal.shows(/───/);
  await fc.assert(
    fc.asyncProperty(burst, async (pieces) => {
      await clock.idle();
      keyboard.press(...pieces);
      await clock.idle();
      expect(answered).toBeUndefined();
    }),
    { numRuns: 60 },
  );
  over.abort(new Error('over'));
  await asked;
  view.close();
});
