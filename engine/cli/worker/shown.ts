import { rfc3339, humanDuration } from '../../base/human.ts';
import type { JsonObject } from '../../base/json.ts';
import { table } from '../../base/layout.ts';
import type { SeenWorker } from '../../journal/postgres/worker-rows.ts';
import { output } from '../../report/output.ts';
import { listWidth } from '../terminal.ts';

/** Workers for people. */
export function workersText(workers: readonly SeenWorker[]): string {
  const rows = workers.map((each) => [
    ...[each.name, each.environment, stateOf(each), each.doing.join(', ') || 'nothing'],
    ...[`${humanDuration(each.silentMs)} ago`, each.version],
  ]);
  return table([HEADINGS, ...rows], { width: listWidth(), cut: [3] }).join('\n');
}

const HEADINGS = ['WORKER', 'IN', 'STATE', 'AT', 'LAST SIGN', 'VERSION'];

const stateOf = ({ alive, draining }: SeenWorker): string =>
  alive ? (draining ? 'ending' : 'works') : 'not heard of';

/** The same for programs. */
export const workersJson = (workers: readonly SeenWorker[]): JsonObject =>
  output('workers', {
    workers: workers.map(({ began, doing, ...each }) => ({
      ...each,
      doing: [...doing],
      began: rfc3339(began),
    })),
  });
