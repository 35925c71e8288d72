import type { Call, Confirm, Node, Step, Undo } from '../../model/playbook.ts';
import type { Template } from '../../model/template.ts';
import type { Value, ValueMap } from '../../base/value.ts';
import { isValueList } from '../../base/value.ts';
import type { Narration } from '../../model/narrator.ts';
import { blocks, bullets, code, codeBlock, line, link, prose } from './markdown.ts';
import {
  assertion,
  condition,
  duration,
  expression,
  failureWords,
  markWords,
  said,
  stepLink,
  waiting,
  withCode,
} from './phrases.ts';
import type { Page } from './phrases.ts';

/** A step below its heading: what it does, why, and all that stands around the doing. */
export function stepBody(step: Step, page: Page): string {
  const narration = page.narrator.narrate(step);
  return blocks(
    narration.told === undefined
      ? whatItDoes(step, narration, page)
      : `A person does this. (${kindOf(step, page)})`,
    whyOf(step),
    narration.told === undefined ? undefined : told(narration.told, page),
    bullets([...before(step, page), ...after(step, narration, page)]),
    narration.byHand === undefined
      ? undefined
      : `<details><summary>The same by hand</summary>\n\n${codeBlock('sh', narration.byHand)}\n\n</details>`,
    linksOf(step),
  );
}

export const whyOf = ({ why }: Pick<Step, 'why'>): string | undefined =>
  why === undefined ? undefined : prose(why);

export const linksOf = ({ links }: Pick<Step, 'links'>): string | undefined =>
  links.length === 0 ? undefined : `See ${links.map(({ title, url }) => link(title, url)).join(' · ')}.`;

const EFFECT_WORDS = {
  none: '',
  read: 'only reads',
  write: 'changes something',
  destructive: '**destroys something**',
  unknown: '**can do anything**',
} as const;

function kindOf({ uses }: Step, page: Page): string {
  const href = page.kindPage(uses);
  return href === undefined ? code(uses) : `[${code(uses)}](${href})`;
}

function whatItDoes(step: Step, { text, effect, believed }: Narration, page: Page): string {
  const kind = kindOf(step, page);
  const notes = [kind, believed ? 'said to only read' : EFFECT_WORDS[effect]]
    .filter((note) => note !== '')
    .join(', ');
  const what = withCode(text, page);
  return what === line(step.uses) ? `${kind}.` : `**${what.replace(/\.$/, '')}.** (${notes})`;
}

/** What people are told: texts as they are, lists as boxes to tick. */
const told = (args: ValueMap, page: Page): string =>
  blocks(
    ...Object.values(args).map((value) =>
      typeof value === 'string' ? quoted(withParagraphs(value, page)) : undefined,
    ),
    ...Object.values(args).map((value) =>
      isValueList(value) ? value.flatMap((item) => boxOf(item, page)).join('\n') : undefined,
    ),
  );

const boxOf = (item: Value, page: Page): readonly string[] =>
  typeof item === 'string' ? [`- [ ] ${withCode(item, page)}`] : [];

const withParagraphs = (text: string, page: Page): string =>
  text
    .trim()
    .split('\n')
    .map((each) => `${/^\s*/.exec(each)?.[0] ?? ''}${withCode(each, page)}`)
    .join('\n');

const quoted = (text: string): string => text.replaceAll(/^/gm, '> ').replaceAll(/^> $/gm, '>');

/** `**Label:** text` for each that has a text. */
export const facts = (all: readonly (readonly [string, string | undefined])[]): readonly string[] =>
  all.flatMap(([label, text]) =>
    text === undefined || text === '' ? [] : [`**${label}:**${text.startsWith('\n') ? '' : ' '}${text}`],
  );

/** What holds for steps, calls and whatever holds steps. */
export const commonFacts = (node: Exclude<Node, { type: 'phase' }>): readonly string[] =>
  facts([
    ['Only when', node.when === undefined ? undefined : expression(node.when)],
    ['Who', node.by === undefined ? undefined : line(node.by)],
  ]);

function before(step: Step, page: Page): readonly string[] {
  return [
    ...commonFacts(step),
    ...facts([
      ['Already done when', step.guard === undefined ? undefined : condition(step.guard, page)],
      ['Asks first', step.confirm === undefined ? undefined : gate(step.confirm, page)],
      ['Must hold right before', list(step.require.map((each) => condition(each, page)))],
      ['No way back', step.noReturn ? 'from here on the steps before it cannot be taken back' : undefined],
      ['Takes', times(step)],
    ]),
  ];
}

function after(step: Step, narration: Narration, page: Page): readonly string[] {
  const { until, expectFailure, retry, onFailure, undo } = step;
  const rule = onFailure ?? (narration.failureIsNoted ? ({ do: 'continue' } as const) : undefined);
  return facts([
    ['Waits until', until === undefined ? undefined : waiting(until, page)],
    ['Must fail, with', expectFailure === undefined ? undefined : expression(expectFailure)],
    ['Checks', list(step.assert.map((each) => assertion(each, page)))],
    ['Answers', list(step.outcomes.map(({ name, that }) => `${code(name)} when ${expression(that)}`))],
    ['Keeps as evidence', list(step.record.map(({ key, value }) => `${code(key)}: ${said(value, page)}`))],
    ['Reached', step.mark.map((mark) => markWords(mark)).join(', ')],
    ['From here on', list(step.rebind.map((each) => rebound(each, page)))],
    ['Pays the debt of', debtors(step.settles, page)],
    [
      'Tries again',
      retry === undefined
        ? undefined
        : `${String(retry.attempts)} attempts altogether, ${duration(retry.delayMs)} apart`,
    ],
    ['When it fails', rule === undefined ? undefined : failureWords(rule, page)],
    ...(undo === undefined ? [] : [undoFact(step, undo, page)]),
  ]);
}

/** One stands beside its label, several below it. */
const list = (items: readonly string[]): string =>
  items.length > 1 ? `\n${bullets(items)}` : (items[0] ?? '');

export function gate({ message, type, onDecline, approvals }: Confirm, page: Page): string {
  const typed = type === undefined ? '' : ` You type ${code(page.narrator.text(type))}.`;
  const declined = onDecline === undefined ? '' : ` When you decline, ${failureWords(onDecline, page)}.`;
  const approved =
    approvals === undefined
      ? ''
      : ` In a recovery ${String(approvals.count)} of ${approvals.of.map(code).join(', ')} approve it first; an approval counts for ${duration(approvals.expiresMs)}.`;
  return `${said(message, page)}${approved}${typed}${declined}`;
}

function times({ expectMs, timeoutMs }: Step): string {
  return [
    ...(expectMs === undefined ? [] : [`about ${duration(expectMs)}`]),
    ...(timeoutMs === undefined ? [] : [`${duration(timeoutMs)} at most`]),
  ].join(', ');
}

const rebound = ({ key, value }: { readonly key: string; readonly value: Template }, page: Page): string =>
  `${code(key)} is ${said(value, page)}`;

export const debtors = (ids: readonly string[], page: Page): string =>
  ids
    .map((id) => {
      const place = page.numbers.step(id);
      return place === undefined ? code(id) : `${stepLink(place)} ${line(place.title)}`;
    })
    .join(', ');

export function undoFact(step: Pick<Step, 'id'>, undo: Undo, page: Page): readonly [string, string] {
  const what = undo.steps.map((node) => nodeWords(node, page)).join(', then ');
  const only = undo.when === undefined ? '' : `, when ${expression(undo.when)}`;
  const asked = undo.pay === 'ask' ? ' (you are asked first)' : '';
  if (undo.at === 'abort') return ['If the run is aborted', `${what}${only}${asked}`];
  const payer = page.numbers.settledBy(step.id);
  const paid =
    payer === undefined
      ? 'at the end, whatever happened'
      : `paid by ${stepLink(payer)}, at the end at the latest`;
  return ['Owed from here on', `${what}${only}; ${paid}${asked}`];
}

/** The title that its author gave, else what it does. */
const nodeWords = (node: Node, page: Page): string =>
  node.type === 'step' && node.title === node.uses
    ? withCode(page.narrator.narrate(node).text, page)
    : line(node.title);

/** What follows when a call fails, and what it owes as a whole. */
export const endFacts = (call: Call, page: Page): readonly string[] =>
  facts([
    ['When it fails', call.onFailure === undefined ? undefined : failureWords(call.onFailure, page)],
    ...(call.undo === undefined ? [] : [undoFact(call, call.undo, page)]),
  ]);

/** Another playbook that is carried out here. */
export function callBody(call: Call, page: Page): string {
  const href = page.pageOf(call.playbook.id);
  const title = line(call.playbook.title);
  const name = href === undefined ? `**${title}** (${code(call.playbook.id)})` : `[${title}](${href})`;
  return blocks(
    `Carries out ${name}.`,
    whyOf(call),
    bullets([
      ...commonFacts(call),
      ...facts([['With', list(call.inputs.map(({ key, value }) => `${code(key)}: ${said(value, page)}`))]]),
      ...endFacts(call, page),
    ]),
    linksOf(call),
  );
}
