import { dateTime, humanDuration } from '../../base/human.ts';
import type { RunSummary } from '../../measure/summary.ts';
import { judgedText } from '../../report/figures.ts';
import { outcomeText } from '../../report/labels.ts';
import type { Html } from '../../report/page/html.ts';
import { markup } from '../../report/page/html.ts';
import type { Viewer } from './layout.ts';
import { layout } from './layout.ts';

/** So many runs are shown; `drillbook runs` has all. */
const MOST = 200;

/** All runs of the store, those that go on first. */
export function listPage(runs: readonly RunSummary[], viewer: Viewer): string {
  const open = runs.filter(({ state }) => state !== 'finished');
  const ended = runs.filter(({ state }) => state === 'finished');
  return layout(
    'Runs',
    markup`<h1>Runs</h1>
${runs.length === 0 ? markup`<p>No run is in this store yet: drillbook drill PLAYBOOK makes one.</p>` : undefined}
${section('Not over', open)}
${section('Over', ended.slice(0, MOST - Math.min(MOST, open.length)))}`,
    viewer,
  );
}

const section = (title: string, runs: readonly RunSummary[]): Html =>
  runs.length === 0
    ? markup``
    : markup`<section><h2>${title}</h2>
<ul class="runs">
${runs.slice(0, MOST).map(row)}</ul></section>`;

const row = (run: RunSummary): Html => markup`<li>
<a href="/runs/${run.run}">${run.title === '' ? run.run : run.title}</a>
<span class="state ${toneOf(run)}">${stateText(run)}</span>
<span class="info">${run.mode} in ${run.environment}, by ${run.operator}, ${run.startedAt === undefined ? '' : dateTime(run.startedAt)}, ${humanDuration(run.elapsedMs)}</span>
${run.rto === undefined ? undefined : markup`<span class="info">RTO: ${judgedText(run.rto, run.rto.targetMs)}</span>`}
<code>${run.run}</code>
</li>
`;

/** The state of a run in words. */
export const stateText = (run: RunSummary): string => {
  if (run.state === 'finished') return outcomeText(run);
  if (run.state === 'interrupted') return 'interrupted: nobody drives it';
  if (run.state === 'running') return 'goes on';
  if (run.waitsFor === 'person') return 'waits for a person';
  return run.waitsFor === 'worker' ? 'waits for a worker' : 'paused';
};

export const toneOf = ({ state, outcome }: RunSummary): string => {
  if (state === 'running') return 'info';
  if (state !== 'finished') return 'warn';
  return outcome === 'succeeded' ? 'good' : 'bad';
};
