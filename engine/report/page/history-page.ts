import { charts } from './chart.ts';
import { markup } from './html.ts';
import { legend } from './legend.ts';
import { page } from './page.ts';
import { playbookHistory } from './playbook-history.ts';
import { scorecard } from './scorecard.ts';
import type { StoreHistory } from './scorecard.ts';

/** The scorecard alone: one page to be mailed, or laid on a table. */
export const scorecardPage = (history: StoreHistory): string => page('Can we recover?', scorecard(history));

/** All playbooks over time; the scorecard is its first page. */
export async function historyPage(history: StoreHistory): Promise<string> {
  const shown = history.playbooks.filter(({ trends }) => trends.length > 0);
  const draw = await charts();
  const id = (index: number): string => `playbook-${String(index + 1)}`;
  return page(
    'Recovery, drill by drill',
    markup`${scorecard(history)}
<nav aria-label="Playbooks"><ul>
${shown.map(({ id: name, playbook }, index) => markup`<li><a href="#${id(index)}">${playbook?.title ?? name}</a></li>\n`)}</ul></nav>
${shown.length > 0 ? legend('met', 'notMet', 'target') : undefined}
${shown.map((each, index) => playbookHistory(each, id(index), history.now, draw))}`,
  );
}
