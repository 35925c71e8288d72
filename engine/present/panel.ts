import type {
  BranchQuestion,
  DebtQuestion,
  DoubtQuestion,
  FailureQuestion,
  GateQuestion,
  InputQuestion,
  ManualQuestion,
  Question,
  TabletopQuestion,
} from '../model/ports.ts';
import { humanDuration, localTime } from '../base/human.ts';
import type { ApprovalsAsked } from '../model/approval.ts';
import { columns, wrap } from '../base/layout.ts';
import { oneLine } from '../base/text.ts';
import { shellLines } from './shell-lines.ts';
import type { Line } from './text.ts';
import { line, piece } from './text.ts';
import type { Theme, Tone } from './theme.ts';

const LABEL = 9;

/**
 * What somebody must know to answer, most important first: a low screen may cut the end. `noted`: the note that
 * was taken just now, at this question.
 */
export function questionPanel(
  question: Question,
  theme: Theme,
  width: number,
  noted?: string,
): readonly Line[] {
  const panel = new Panel(width, theme);
  panel.title(question.title, question.type);
  return [...panel.lines, ...questionFacts(question, theme, width, noted)];
}

/** The same without its title. */
export function questionFacts(
  question: Question,
  theme: Theme,
  width: number,
  noted?: string,
): readonly Line[] {
  const panel = new Panel(width, theme);
  if (noted !== undefined) panel.field('noted', `${theme.symbols.ok} ${noted}`, 'good');
  switch (question.type) {
    case 'gate':
      gate(panel, question);
      break;
    case 'manual':
      manual(panel, question);
      break;
    case 'failure':
      failure(panel, question);
      break;
    case 'doubt':
      doubt(panel, question);
      break;
    case 'debt':
      debt(panel, question);
      break;
    case 'tabletop':
      tabletop(panel, question);
      break;
    case 'input':
      input(panel, question);
      break;
    case 'branch':
      branch(panel, question);
  }
  if (question.why !== undefined) panel.field('why', question.why, 'dim');
  panel.space();
  return panel.lines;
}

function gate(panel: Panel, question: GateQuestion): void {
  if (question.by !== undefined) panel.field('by', question.by);
  if (question.message !== '') panel.text(question.message);
  panel.field('will', question.describe);
  const serious = question.effect === 'destructive' || question.effect === 'unknown';
  for (const [index, [name, value]] of Object.entries(question.values ?? {}).entries()) {
    panel.field(index === 0 ? 'with' : '', `${oneLine(name)}: ${value}`, 'warn');
  }
  const effect = question.believed === true ? `${question.effect}: said to only read` : question.effect;
  panel.field('effect', effect, serious ? 'bad' : 'plain');
  if (question.approvals !== undefined) approvals(panel, question.approvals);
  if (question.voidsUndo) panel.field('', 'the steps before it cannot be undone any more', 'warn');
  for (const target of question.targets) panel.target(target);
  if (question.byHand !== undefined) panel.command('by hand', question.byHand);
}

/** Whose approvals there are, and who else may give one. */
function approvals(panel: Panel, { count, of, people, have }: ApprovalsAsked): void {
  const given = have.map(({ by, until }) => `${by} (until ${localTime(until / 1000)})`);
  const missing = count - have.length;
  const others = people.filter((name) => !have.some(({ by }) => by === name));
  panel.field(
    'approved',
    `${String(have.length)} of ${String(count)}${given.length === 0 ? '' : `: ${given.join(', ')}`}`,
    missing <= 0 ? 'good' : 'warn',
  );
  if (missing <= 0) return;
  const who = others.length === 0 ? 'nobody here has a key' : others.join(', ');
  panel.field('', `who may: ${who} (${of.join(', ')})`);
}

function manual(panel: Panel, question: ManualQuestion): void {
  if (question.by !== undefined) panel.field('by', question.by);
  panel.text(question.instructions);
  if (question.watched) {
    panel.text('The effect is watched: this goes on by itself once it is seen.', 'accent');
  }
}

function failure(panel: Panel, question: FailureQuestion): void {
  const { error, attempt } = question;
  panel.field('error', error.message, 'bad');
  panel.field('code', attempt > 1 ? `${error.code}, at attempt ${String(attempt)}` : error.code);
  panel.field('changed', CHANGED[error.changed] ?? error.changed);
  if (error.hint !== undefined) panel.field('hint', error.hint, 'accent');
  if (question.escalation !== undefined) {
    const { level, who } = question.escalation;
    panel.field('call next', `level ${String(level)}: ${who}`, 'accent');
  }
  panel.field('was to', question.describe, 'dim');
}

const CHANGED: Readonly<Record<string, string>> = {
  nothing: 'nothing: the world is as it was before this step',
  maybe: 'maybe something: look before you go on',
  something: 'something: the step had its effect, or a part of it',
};

function doubt(panel: Panel, question: DoubtQuestion): void {
  panel.text('It was started before the run was interrupted, and nobody knows whether it happened.');
  panel.field('was to', question.describe);
  panel.field('because', question.reason);
}

function debt(panel: Panel, question: DebtQuestion): void {
  panel.text('This was left to be put right. Putting it right will:');
  for (const each of question.describe) panel.item(each);
}

function tabletop(panel: Panel, question: TabletopQuestion): void {
  const { by, message, describe, items, effect, targets, expectMs, byHand } = question;
  if (by !== undefined) panel.field('by', by);
  if (message !== undefined) panel.text(message);
  panel.field('would', describe);
  for (const each of items) panel.item(each);
  const serious = effect === 'destructive' || effect === 'unknown';
  panel.field('effect', effect, serious ? 'bad' : 'plain');
  if (targets.length > 0) panel.field('target', targets.map(oneLine).join(', '));
  if (expectMs !== undefined) panel.field('takes', `about ${humanDuration(expectMs)}`);
  if (byHand !== undefined) panel.command('by hand', byHand);
}

function input(panel: Panel, question: InputQuestion): void {
  if (question.input.prompt !== question.title) panel.text(question.input.prompt);
  const { type, options } = question.input;
  if (type === 'list' && options.length === 0) panel.text('Several, with commas between them.', 'dim');
}

function branch(panel: Panel, question: BranchQuestion): void {
  if (question.branches.length === 0) panel.text('There is nothing to choose from.', 'warn');
}

/** What a question of a type is called. */
export const QUESTION_NAMES: Readonly<Record<Question['type'], string>> = {
  gate: 'gate',
  manual: 'your turn',
  failure: 'failed',
  doubt: 'in doubt',
  debt: 'left open',
  input: 'question',
  branch: 'which way',
  tabletop: 'tabletop',
};

class Panel {
  readonly lines: Line[] = [];
  readonly #width: number;
  readonly #theme: Theme;

  constructor(width: number, theme: Theme) {
    this.#width = width;
    this.#theme = theme;
  }

  title(title: string, type: Question['type']): void {
    const tone = type === 'failure' || type === 'doubt' ? 'bad' : 'accent';
    const name = QUESTION_NAMES[type];
    const [first = '', ...rest] = wrap(oneLine(title), this.#width - name.length - 2);
    this.lines.push([piece(name, tone), piece(`  ${first}`, 'bold')]);
    for (const each of rest) this.lines.push(line(`${' '.repeat(name.length + 2)}${each}`, 'bold'));
  }

  text(text: string, tone: Tone = 'plain'): void {
    for (const each of wrap(text, this.#width)) this.lines.push(line(each, tone));
  }

  item(text: string): void {
    const [first = '', ...rest] = wrap(text, this.#width - 2);
    this.lines.push(line(`${this.#theme.symbols.dot} ${first}`), ...rest.map((each) => line(`  ${each}`)));
  }

  field(label: string, text: string, tone: Tone = 'plain'): void {
    if (this.#width < 3 * LABEL) {
      if (label !== '') this.lines.push(line(label, 'dim'));
      for (const each of wrap(text, this.#width - 1)) this.lines.push(line(` ${each}`, tone));
      return;
    }
    const rows = wrap(text, this.#width - LABEL);
    for (const [index, each] of rows.entries()) {
      const head = (index === 0 ? label : '').padEnd(LABEL);
      this.lines.push([piece(head, 'dim'), piece(each, tone)]);
    }
  }

  /** A command to be copied: on a line of its label where it fits, else below it from the first column on. */
  command(label: string, text: string): void {
    const rows = shellLines(text, this.#width);
    const [only = '', ...others] = rows;
    if (others.length === 0 && columns(only) <= this.#width - LABEL) {
      this.field(label, only, 'dim');
      return;
    }
    this.lines.push(line(label, 'dim'), ...rows.map((each) => line(each, 'dim')));
  }

  /** A target's own word on who it is. */
  target(target: GateQuestion['targets'][number]): void {
    const facts = Object.entries(target.facts).map(([name, fact]) => `${name} ${oneLine(fact)}`);
    const { symbols } = this.#theme;
    const good = target.verdict === 'match';
    const mark = good ? symbols.ok : target.verdict === 'mismatch' ? symbols.bad : '?';
    const verdict = VERDICTS[target.verdict] ?? target.verdict;
    this.field('target', `${oneLine(target.name)}  ${mark} ${verdict}`, good ? 'good' : 'warn');
    if (facts.length > 0) this.field('', facts.join(` ${symbols.dot} `));
  }

  space(): void {
    this.lines.push(line(''));
  }
}

const VERDICTS: Readonly<Record<string, string>> = {
  match: 'it is the one that is meant',
  mismatch: 'it is NOT the one that is meant',
  unreachable: 'it cannot be asked who it is',
  absent: 'there is no fingerprint to know it by',
};
