import { harmless } from '../../base/text.ts';
import type { ReportDocument } from './document.ts';
import type { Cell, Section } from './section.ts';

const BAR = 20;

/** The report as GitHub-flavoured Markdown, for a ticket or a wiki. */
export function markdown({ title, verdict, facts, sections }: ReportDocument): string {
  return [
    `# ${escaped(title)}`,
    '',
    `**${escaped(verdict.text)}**`,
    '',
    ...facts.map(([name, text]) => `- ${name}: ${escaped(text)}`),
    ...sections.flatMap(section),
    '',
  ].join('\n');
}

function section(all: Section): readonly string[] {
  const {
    title,
    note,
    tasks,
    table: { head, rows },
  } = all;
  if (tasks !== undefined)
    return ['', `## ${escaped(title)}`, '', ...rows.map((cells, index) => task(cells, tasks[index]))];
  return [
    '',
    `## ${escaped(title)}`,
    '',
    line(head),
    line(head.map(() => '---')),
    ...rows.map((cells) => line(cells.map(cell))),
    ...(note === undefined ? [] : ['', escaped(note)]),
  ];
}

const BOXES = { open: '- [ ] ', done: '- [x] ', none: '- ' } as const;

/** A ticket is ticked off, not read as a table. */
const task = (cells: readonly Cell[], state: keyof typeof BOXES = 'none'): string =>
  BOXES[state] +
  cells
    .map(cell)
    .filter((text) => text !== '')
    .join(': ');

const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;

function cell({ text, tone, share, code }: Cell): string {
  if (text === '') return '';
  if (code === true) return `\`${text}\``;
  if (share !== undefined) return `${text} ${'█'.repeat(Math.round(share * BAR))}`.trimEnd();
  return tone === 'bad' ? `**${escaped(text)}**` : escaped(text);
}

/** Texts of other systems must not become markup, nor end a table's cell. */
const escaped = (text: string): string =>
  harmless(text).replaceAll(/[\\`*_[\]<>|#~]/g, (sign) => `\\${sign}`);
