import type { ValueMap } from '../base/value.ts';
import type { EnvironmentKind } from '../model/environment.ts';
import type { Answer, AnswerName, Operator, Question } from '../model/ports.ts';
import { menuChoice, needsReason, preselected } from './answers.ts';
import { questionFacts, questionPanel } from './panel.ts';
import type { Asker } from './ask/asker.ts';
import type { MenuChoice } from './prompt/menu.ts';
import type { LineView } from './lines/view.ts';
import type { TerminalView } from './terminal.ts';

export interface TerminalOperatorOptions {
  readonly view: TerminalView | LineView;
  /** As the journal names the operator. */
  readonly name: string;
  /** Of the environment that the answers are about. */
  readonly environment: EnvironmentKind;
  /** Ctrl-C at a prompt. It should abort the signal of the question, whose reason is then thrown. */
  readonly onInterrupt: () => void;
}

/** Asks whoever sits at the terminal, inside the live screen or in lines. Prompts are loaded with the first question. */
export function createTerminalOperator(options: TerminalOperatorOptions): Operator {
  const { view, name, environment, onInterrupt } = options;
  const notes = new Map<string, string>();
  return {
    name,
    wantsOtherBranch: (title, signal) => view.pressed('x', `go on with another branch (${title})`, signal),
    wantsToStopWaiting: (title, signal) => view.pressed('s', `stop waiting (${title})`, signal),
    ask: async (question, signal) => {
      const { createAsker } = await import('./ask/asker.ts');
      signal.throwIfAborted();
      const panel = (width: number): ReturnType<typeof questionPanel> =>
        questionPanel(question, view.theme, width, notes.get(question.key));
      const facts = (width: number): ReturnType<typeof questionFacts> =>
        questionFacts(question, view.theme, width, notes.get(question.key));
      try {
        const confirms = environment === 'production';
        const asker =
          'asker' in view ? view.asker(facts, signal) : createAsker(view, { panel, confirms, signal });
        const answered = await answer(question, asker, { name, environment });
        // The same question is asked again after a note: it shows that the note was taken.
        const note = answered.answer === 'note' ? answered.values?.['text'] : undefined;
        if (typeof note === 'string') notes.set(question.key, note);
        else notes.delete(question.key);
        return answered;
      } catch (error) {
        if (error instanceof Error && error.name === 'ExitPromptError') {
          onInterrupt();
          signal.throwIfAborted();
        }
        if (error instanceof Error && error.name === 'AbortPromptError') signal.throwIfAborted();
        throw error;
      }
    },
  };
}

/** Asks until there is an answer: Escape on the way leads back to the choices. */
async function answer(
  question: Question,
  asker: Asker,
  { name, environment }: Pick<TerminalOperatorOptions, 'name' | 'environment'>,
): Promise<Answer> {
  let ticked: readonly number[] = [];
  for (;;) {
    if (question.type === 'input') {
      const { askInput } = await import('./ask/input.ts');
      const answered = await askInput(question, asker);
      if (answered !== undefined) return answered;
      if (question.choices.every((choice) => choice === 'value')) continue;
    }
    const picked = await asker.menu({
      message: MESSAGES[question.type],
      choices: choicesOf(question),
      items: question.type === 'manual' ? question.items : [],
      ticked,
      ...preselection(question, environment),
      ...(question.type === 'manual' && { needsAllTicked: 'done' }),
    });
    ticked = picked.ticked;
    const answered = await complete(question, picked.value, { asker, name });
    if (answered !== undefined) return answered;
  }
}

const MESSAGES: Readonly<Record<Question['type'], string>> = {
  gate: 'Go ahead?',
  manual: 'Is it done?',
  failure: 'What now?',
  doubt: 'Did it happen?',
  debt: 'Put it right now?',
  input: 'Or:',
  branch: 'Which way?',
  tabletop: 'What would you do?',
};

const BRANCH = 'branch/';

function choicesOf(question: Question): readonly MenuChoice[] {
  const plain = question.choices.filter((choice) => choice !== 'branch').map(menuChoice);
  if (question.type !== 'branch') return plain;
  const branches = question.branches.map((branch, index) => ({
    key: index < 9 ? String(index + 1) : '',
    value: BRANCH + branch.name,
    label: branch.title,
  }));
  return [...branches, ...plain];
}

function preselection(question: Question, environment: EnvironmentKind): { readonly preselected?: string } {
  const choice = preselected(question, environment);
  if (choice !== 'branch') return choice === undefined ? {} : { preselected: choice };
  const branch = question.type === 'branch' ? question.default : undefined;
  return branch === undefined ? {} : { preselected: BRANCH + branch };
}

/** What else an answer needs: a typed name, a reason, values. Undefined: the operator went back. */
async function complete(
  question: Question,
  picked: string,
  { asker, name: operator }: { readonly asker: Asker; readonly name: string },
): Promise<Answer | undefined> {
  if (picked.startsWith(BRANCH)) {
    return { answer: 'branch', values: { branch: picked.slice(BRANCH.length) } };
  }
  const name = picked as AnswerName;
  if (name === 'value') return undefined;
  if (name === 'go' && question.type === 'gate') {
    const { role, typed: wanted } = question;
    const asks = role !== undefined && !role.people.includes(operator);
    const saidBy = asks ? await asker.oneOf(`Who says go, as ${role.name}?`, role.people) : '';
    if (saidBy === undefined) return undefined;
    const typed = wanted === undefined ? '' : await asker.typedName(wanted);
    if (typed === undefined) return undefined;
    const values = { ...(typed !== '' && { typed }), ...(saidBy !== '' && { saidBy }) };
    return { answer: name, ...(Object.keys(values).length !== 0 && { values }) };
  }
  if (name === 'note') {
    const text = await asker.words('Note:');
    return text === undefined ? undefined : { answer: name, values: { text } };
  }
  if (name === 'retryWith' && question.type === 'failure') {
    const { askValues } = await import('./ask/values.ts');
    const values = await askValues(question.args, asker);
    return values === undefined ? undefined : { answer: name, values };
  }
  const reason = needsReason(name) ? await asker.words(REASONS.get(name) ?? 'Why?') : undefined;
  if (needsReason(name) && reason === undefined) return undefined;
  const values = MADE_BY_HAND.has(name) ? await handMade(question, asker) : NOTHING;
  if (values === undefined) return undefined;
  return {
    answer: name,
    ...(reason !== undefined && { reason }),
    ...(Object.keys(values).length !== 0 && { values }),
  };
}

/** Reasons that are no answer to «Why?». */
const REASONS: ReadonlyMap<AnswerName, string> = new Map([['otherwise', 'What would you do instead?']]);

/** Answers after which later steps read outputs that no step kind has made. */
const MADE_BY_HAND: ReadonlySet<AnswerName> = new Set<AnswerName>(['byHand', 'done', 'happened']);
const NOTHING: ValueMap = {};

/** Outputs of a step that was done by hand, as later steps will read them. */
async function handMade(question: Question, asker: Asker): Promise<ValueMap | undefined> {
  const { askValue } = await import('./ask/values.ts');
  const values: [string, ValueMap[string]][] = [];
  for (const name of question.outputs ?? []) {
    const hidden = question.secretOutput?.some(({ path }) => path.split('.')[0] === name) === true;
    const value = await askValue(`Its ${name}:`, undefined, asker, hidden);
    if (value === undefined) return undefined;
    values.push([name, value.value]);
  }
  return Object.fromEntries(values);
}
