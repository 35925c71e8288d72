import type { Playbook, Priority } from '../../model/playbook.ts';
import { blocks, line, link, table } from './markdown.ts';
import { duration } from './phrases.ts';
import { GENERATED } from './playbook.ts';

export interface PageEntry {
  readonly playbook: Playbook;
  /** The folder below the playbooks that it is in: '' or `procedures`. */
  readonly group: string;
  /** Its page, as seen from the index. */
  readonly page: string;
}

const GROUP_TITLES: ReadonlyMap<string, string> = new Map([
  ['', 'Disasters'],
  ['procedures', 'Procedures'],
  ['checklists', 'Checklists'],
]);

const RANK: Readonly<Record<Priority, number>> = { critical: 0, high: 1, medium: 2, low: 3 };

/** The index of the pages: what there is, and what each promises. */
export function overviewPage(entries: readonly PageEntry[]): string {
  const groups = [...GROUP_TITLES.keys(), ...entries.map(({ group }) => group)];
  const sections = [...new Set(groups)].flatMap((group) => {
    const inside = entries.filter((entry) => entry.group === group).sort(byUrgency);
    return inside.length === 0
      ? []
      : [blocks(`## ${GROUP_TITLES.get(group) ?? line(group)}`, objectivesTable(inside))];
  });
  const text = blocks(
    `${GENERATED}: change the playbooks and run it again. -->`,
    '# Playbooks',
    'One page for each playbook. RTO is how long its recovery may take, RPO how much data may be lost; `drillbook list` shows what the last drills measured.',
    ...sections,
  );
  return `${text}\n`;
}

const byUrgency = (a: PageEntry, b: PageEntry): number =>
  rankOf(a) - rankOf(b) || a.playbook.title.localeCompare(b.playbook.title, 'en');

const rankOf = ({ playbook: { priority } }: PageEntry): number =>
  priority === undefined ? 4 : RANK[priority];

const objectivesTable = (entries: readonly PageEntry[]): string =>
  table(
    ['Playbook', 'Priority', 'RTO', 'RPO', 'Owner', 'Next review', 'Rehearsals'],
    entries.map(({ page, playbook: { title, priority, objectives, owner, nextReview, rehearsals } }) => [
      link(title, page),
      priority ?? '',
      objectives.rto === undefined ? '' : duration(objectives.rto.targetMs),
      objectives.rpo === undefined ? '' : duration(objectives.rpo.targetMs),
      owner === undefined ? '' : line(owner),
      nextReview ?? '',
      String(rehearsals.length),
    ]),
  );
