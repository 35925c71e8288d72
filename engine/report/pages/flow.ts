import type { Branch, Call, Choose, ForEach, Node, Parallel, Phase, Repeat } from '../../model/playbook.ts';
import { unreachable } from '../../base/unreachable.ts';
import { blocks, bullets, code, line } from './markdown.ts';
import { isPart } from './numbers.ts';
import { duration, expression, failureWords, markWords, said, stepLink } from './phrases.ts';
import type { Page } from './phrases.ts';
import {
  callBody,
  commonFacts,
  debtors,
  endFacts,
  facts,
  gate,
  linksOf,
  stepBody,
  undoFact,
  whyOf,
} from './step.ts';

/** Markdown has no deeper heading. */
const DEEPEST = 6;

/** Nodes one after the other, each below a heading with its number. */
export const nodesSection = (nodes: readonly Node[], page: Page, level: number): string =>
  blocks(...nodes.map((node) => nodeSection(node, page, level)));

function nodeSection(node: Node, page: Page, level: number): string {
  return blocks(heading(node, page, level), body(node, page, level));
}

function heading(node: Node | Branch, { numbers }: Page, level: number): string {
  const { number, anchor, title } = numbers.of(node);
  return `<a id="${anchor}"></a>\n\n${'#'.repeat(Math.min(level, DEEPEST))} ${number} ${line(title)}`;
}

function body(node: Node, page: Page, level: number): string {
  switch (node.type) {
    case 'phase':
      return phaseBody(node, page, level);
    case 'step':
      return stepBody(node, page);
    case 'call':
      return isPart(node) ? partBody(node, page, level) : callBody(node, page);
    case 'choose':
      return chooseBody(node, page, level);
    case 'parallel':
      return parallelBody(node, page, level);
    case 'forEach':
      return forEachBody(node, page, level);
    case 'repeat':
      return repeatBody(node, page, level);
    default:
      return unreachable(node);
  }
}

const phaseBody = ({ when, steps }: Phase, page: Page, level: number): string =>
  blocks(
    when === undefined ? undefined : `Only when ${expression(when)}.`,
    nodesSection(steps, page, level + 1),
  );

const partBody = (call: Call, page: Page, level: number): string =>
  blocks(
    whyOf(call),
    bullets([
      ...commonFacts(call),
      ...call.inputs.map(({ key, value }) => `**${code(key)}:** ${said(value, page)}`),
      ...endFacts(call, page),
    ]),
    nodesSection(call.playbook.steps, page, level + 1),
  );

function chooseBody(choice: Choose, page: Page, level: number): string {
  const who =
    choice.prompt === undefined
      ? `One of these ways is taken, by ${choice.pick === undefined ? 'choice' : expression(choice.pick)}:`
      : `You are asked: **${said(choice.prompt, page)}**`;
  const ways = choice.branches.map(
    (branch) => `${stepLink(page.numbers.of(branch))} ${line(branch.title)}${onlyWhen(branch)}`,
  );
  return blocks(
    who,
    bullets(ways),
    choice.default === undefined ? undefined : `Offered first: ${expression(choice.default)}.`,
    aside(choice),
    ...choice.branches.map((branch) => branchSection(branch, page, level + 1)),
  );
}

const onlyWhen = ({ when }: Branch): string => (when === undefined ? '' : `, only when ${expression(when)}`);

const branchSection = (branch: Branch, page: Page, level: number): string =>
  blocks(
    heading(branch, page, level),
    branch.steps.length === 0 ? 'Nothing is done here.' : nodesSection(branch.steps, page, level + 1),
  );

const parallelBody = (node: Parallel, page: Page, level: number): string =>
  blocks(
    'These go on side by side, and the run waits for all of them:',
    bullets(node.branches.map((branch) => `${stepLink(page.numbers.of(branch))} ${line(branch.title)}`)),
    `When one of them fails, ${node.onFailure === 'cancel' ? 'the others are stopped' : 'the others go on to their ends first'}.`,
    aside(node),
    ...node.branches.map((branch) => branchSection(branch, page, level + 1)),
  );

function forEachBody(loop: ForEach, page: Page, level: number): string {
  const atOnce = loop.concurrency === 1 ? 'one after the other' : `${String(loop.concurrency)} at a time`;
  const name = loop.as === undefined ? '' : `, called ${code(loop.as)}`;
  const tolerate = loop.tolerate === 0 ? '' : ` Up to ${String(loop.tolerate)} may fail.`;
  return blocks(
    `For each item of ${code(page.narrator.text(loop.in))}${name}, ${atOnce}.${tolerate}`,
    loop.confirm === undefined ? undefined : `Asks first, once for all: ${gate(loop.confirm, page)}`,
    aside(loop),
    bullets(wholeFacts(loop, page)),
    nodesSection(loop.steps, page, level + 1),
  );
}

/** What is said of a loop over several steps as a whole. */
function wholeFacts({ id, whole }: ForEach, page: Page): readonly string[] {
  if (whole === undefined) return [];
  const { mark, settles, undo, timeoutMs, onFailure } = whole;
  return facts([
    ['Reached, when all are done', mark.map((each) => markWords(each)).join(', ')],
    ['Pays the debt of', debtors(settles, page)],
    ['Takes', timeoutMs === undefined ? undefined : `${duration(timeoutMs)} at most, all items together`],
    ['When it fails', onFailure === undefined ? undefined : failureWords(onFailure, page)],
    ...(undo === undefined ? [] : [undoFact({ id }, undo, page)]),
  ]);
}

const repeatBody = (node: Repeat, page: Page, level: number): string =>
  blocks(
    `In rounds until ${expression(node.accept)}, ${String(node.max)} at most${node.pauseMs === 0 ? '' : `, ${duration(node.pauseMs)} apart`}.`,
    aside(node),
    nodesSection(node.steps, page, level + 1),
  );

/** Why, when, by whom: below the words that say what kind of flow it is. */
const aside = (node: Choose | Parallel | ForEach | Repeat): string =>
  blocks(whyOf(node), bullets([...commonFacts(node)]), linksOf(node));
