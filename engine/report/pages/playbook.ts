import type { Environment } from '../../model/environment.ts';
import type { Narrator } from '../../model/narrator.ts';
import { lossEndsWith } from '../../model/objectives.ts';
import type { LossEnd } from '../../model/objectives.ts';
import type { Input, Node, Playbook, Rehearsal, Step } from '../../model/playbook.ts';
import { EVIDENCE_WORDS } from '../labels.ts';
import { diagram } from './diagram.ts';
import { nodesSection } from './flow.ts';
import { blocks, bullets, cellCode, code, codeBlock, line, link, prose, table } from './markdown.ts';
import { isPart, Numbers } from './numbers.ts';
import { peopleSection } from './people.ts';
import { assertion, duration, markWords, said, stepLink, withCode } from './phrases.ts';
import type { Page } from './phrases.ts';

export interface PageOptions {
  readonly narrator: Narrator;
  /** Whose names, contacts and escalation the page shows; absent, names stand as the playbook has them. */
  readonly environment?: Environment;
  /** Addresses of other pages, as seen from this one. */
  readonly pageOf: (playbook: string) => string | undefined;
  readonly kindPage: (kind: string) => string | undefined;
  /** The file that it is made from, as seen from the page. */
  readonly source: string;
}

/** The page of a playbook: all that it says and does, for somebody who has never seen its file. */
export function playbookPage(playbook: Playbook, options: PageOptions): string {
  const numbers = new Numbers(playbook);
  const page: Page = { ...options, numbers };
  const { environment } = options;
  const text = blocks(
    generatedNote(options.source),
    `# ${line(playbook.title)}`,
    prose(playbook.summary),
    aboutTable(playbook),
    objectives(playbook, page),
    symptoms(playbook, page),
    beforeYouBegin(playbook, page, environment),
    '## The way through',
    codeBlock('mermaid', diagram(playbook, numbers)),
    contents(playbook, page),
    FAILURES,
    nodesSection(playbook.steps, page, 2),
    always(playbook, page),
    rehearsals(playbook, page),
    environment === undefined ? undefined : peopleSection(environment),
    playbook.links.length === 0
      ? undefined
      : blocks('## Links', bullets(playbook.links.map(({ title, url }) => link(title, url)))),
    `---\n\nMade from [${line(options.source)}](${options.source})${environment === undefined ? '' : `, with the names of the environment ${code(environment.name)}`}. What is shown as ${code('code')} inside of a sentence is known only during a run; in a command it stands between ‹ and ›, to be filled in.`,
  );
  return `${text}\n`;
}

/** Tells a page that was made from one that somebody wrote. */
export const GENERATED = '<!-- Made by `drillbook docs`';

export const generatedNote = (source: string): string =>
  `${GENERATED} from ${source}: change that file and run it again. -->`;

function aboutTable({ priority, owner, reviewed, nextReview, id }: Playbook): string {
  const rows: readonly (readonly [string, string | undefined])[] = [
    ['Priority', priority],
    ['Owner', owner === undefined ? undefined : line(owner)],
    ['Last reviewed', reviewed],
    ['Next review', nextReview],
    ['Name', cellCode(id)],
  ];
  const known = rows.flatMap(([name, text]) => (text === undefined ? [] : [[`**${name}**`, text] as const]));
  const [names, values] = [known.map(([name]) => name), known.map(([, text]) => text)];
  return table(names, [values]);
}

function markOf(mark: string, playbook: Playbook, page: Page): string {
  const setters = [...stepsOf(playbook.steps)].filter((step) => step.mark.includes(mark));
  const where = setters.map((step) => stepLink(page.numbers.of(step))).join(' or ');
  return markWords(mark, ...(where === '' ? [] : [`step ${where}`]));
}

function objectives(playbook: Playbook, page: Page): string | undefined {
  const { rto, rpo } = playbook.objectives;
  const rows: (readonly string[])[] = [];
  if (rto !== undefined) {
    const span = `from ${markOf(rto.from, playbook, page)} to ${markOf(rto.to, playbook, page)}`;
    rows.push(['**RTO**: how long it may take', duration(rto.targetMs), span]);
  }
  if (rpo !== undefined) {
    rows.push([
      '**RPO**: how much may be lost',
      duration(rpo.targetMs),
      `from ${EVIDENCE_WORDS[rpo.evidence]} to ${lossEnd(lossEndsWith(rpo), playbook, page)}`,
    ]);
  }
  if (rows.length === 0) return undefined;
  return blocks('## Objectives', table(['Objective', 'Target', 'Measured'], rows));
}

const lossEnd = (to: LossEnd, playbook: Playbook, page: Page): string =>
  to === 'newestLost' ? 'the newest row that is left behind' : markOf(to, playbook, page);

function symptoms({ symptoms: seen, detect }: Playbook, page: Page): string | undefined {
  if (seen.length === 0 && detect.length === 0) return undefined;
  return blocks(
    '## How it shows',
    bullets(seen.map(line)),
    detect.length === 0 ? undefined : 'These checks are red while it lasts:',
    bullets(
      detect.map(
        (probe) => `${withCode(page.narrator.narrate(probe).text, page)}: ${assertion(probe, page)}`,
      ),
    ),
  );
}

function beforeYouBegin(
  { id, needs, inputs, rehearsals: known }: Playbook,
  page: Page,
  environment: Environment | undefined,
): string {
  const name = environment?.name ?? 'ENVIRONMENT';
  return blocks(
    '## Before you begin',
    codeBlock(
      'sh',
      [
        `drillbook plan ${id} --env ${name}      # what would be done; changes nothing`,
        `drillbook recover ${id} --env ${name}   # the real thing`,
        ...(known.length === 0
          ? []
          : [`drillbook drill ${id}                   # an exercise in the sandbox`]),
      ]
        .map(aligned)
        .join('\n'),
    ),
    needs.length === 0
      ? undefined
      : `The environment must know ${needs.map((need) => code(need)).join(', ')}.`,
    inputs.length === 0 ? undefined : 'You are asked at the start:',
    inputs.length === 0 ? undefined : inputsTable(inputs, page),
  );
}

const COMMENT_COLUMN = 56;

const aligned = (command: string): string => {
  const [text = '', comment = ''] = command.split(/\s+#/);
  return `${text.padEnd(COMMENT_COLUMN)} #${comment}`;
};

const inputsTable = (inputs: readonly Input[], page: Page): string =>
  table(
    ['Answer', 'Question', 'Form'],
    inputs.map(({ name, prompt, type, options, offers = [], default: offered, check }) => [
      cellCode(name),
      line(prompt),
      [
        type === 'choice'
          ? options.map(({ value, label }) => `${cellCode(value)} (${line(label)})`).join(', ')
          : type,
        ...offers.map(({ label, value }) => `*${line(label)}*: ${said(value, page)}`),
        ...(offered === undefined ? [] : [`${said(offered, page)} unless you say otherwise`]),
        ...(check === undefined ? [] : [assertion(check, page).replaceAll('|', '\\|')]),
      ].join('; '),
    ]),
  );

function contents({ steps, always: last }: Playbook, page: Page): string {
  return outline([...steps, ...last], page);
}

function outline(nodes: readonly Node[], page: Page): string {
  return bullets(
    nodes.map((node) => {
      const { number, anchor, title } = page.numbers.of(node);
      const expected = expectedMs([node]);
      const about = expected === 0 ? '' : `, about ${duration(expected)}`;
      const self = `${number} [${line(title)}](#${anchor})${about}`;
      const inner = node.type === 'phase' ? outline(node.steps, page) : branchesOutline(node, page);
      return inner === '' ? self : `${self}\n${inner}`;
    }),
  );
}

function branchesOutline(node: Node, page: Page): string {
  if (node.type === 'choose' || node.type === 'parallel') {
    return bullets(
      node.branches.map((branch) => {
        const { number, anchor, title } = page.numbers.of(branch);
        const inner = outline(branch.steps, page);
        return `${number} [${line(title)}](#${anchor})${inner === '' ? '' : `\n${inner}`}`;
      }),
    );
  }
  if (node.type === 'forEach' || node.type === 'repeat') return outline(node.steps, page);
  return node.type === 'call' && isPart(node) ? outline(node.playbook.steps, page) : '';
}

/** What the steps one after the other are said to take; of branches nobody knows which, so they count nothing. */
const expectedMs = (nodes: readonly Node[]): number =>
  nodes.reduce((sum, node) => {
    if (node.type === 'step') return sum + (node.expectMs ?? 0);
    return node.type === 'phase' ? sum + expectedMs(node.steps) : sum;
  }, 0);

function* stepsOf(nodes: readonly Node[]): Generator<Step> {
  for (const node of nodes) {
    if (node.type === 'step') yield node;
    else if (node.type === 'choose' || node.type === 'parallel') {
      for (const { steps } of node.branches) yield* stepsOf(steps);
    } else if (node.type === 'call') {
      if (isPart(node)) yield* stepsOf(node.playbook.steps);
    } else yield* stepsOf(node.steps);
  }
}

const FAILURES =
  'Where a step says nothing of its failure, the run stops there and asks you: try again, do it by hand, go on without it, or abort.';

function always({ always: last }: Playbook, page: Page): string | undefined {
  if (last.length === 0) return undefined;
  return blocks(
    '## Whatever happened',
    'This is done at the end, after a success and after an abort.',
    nodesSection(last, page, 3),
  );
}

function rehearsals(playbook: Playbook, page: Page): string | undefined {
  if (playbook.rehearsals.length === 0) return undefined;
  return blocks(
    '## Rehearsed as',
    'A drill breaks a sandbox of real servers in one of these ways, and recovers it by the steps above.',
    table(
      ['Rehearsal', 'What is broken', 'Command'],
      playbook.rehearsals.map((each) => [
        cellCode(each.name),
        broken(each, page),
        cellCode(drillCommand(playbook.id, each)),
      ]),
    ),
  );
}

function broken({ title, faults }: Rehearsal, page: Page): string {
  if (faults.length === 0) return title === undefined ? 'nothing: it proves a backup' : line(title);
  const kinds = faults.map((fault) => (fault.type === 'part' ? cellCode(fault.uses) : 'steps of its own'));
  if (title !== undefined) return `${line(title)} (${kinds.join(', ')})`;
  // Without a title, the fault's own settings say what it does.
  return faults
    .map((fault, index) => {
      const settings = fault.type === 'part' ? page.narrator.text(fault.with) : '{}';
      return settings === '{}' ? kinds[index] : `${kinds[index] ?? ''} ${cellCode(settings)}`;
    })
    .join(', ');
}

/** The first environment in which it may run, where that is not the sandbox. */
function drillCommand(id: string, { name, environments }: Rehearsal): string {
  const [place = 'sandbox'] = environments;
  return `drillbook drill ${id} --rehearsal ${name}${place === 'sandbox' ? '' : ` --env ${place}`}`;
}
