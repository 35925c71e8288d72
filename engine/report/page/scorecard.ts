import { count, dateTime, humanDuration } from '../../base/human.ts';
import { backupOf } from '../../model/backup.ts';
import type { Judged } from '../figures.ts';
import { figureText, targetText } from '../figures.ts';
import { cell } from '../formats/section.ts';
import type { DocumentTone } from '../formats/section.ts';
import { dayText } from '../measured.ts';
import type { PlaybookHistory, Standing, StandingState } from '../standing.ts';
import { standingOf } from '../standing.ts';
import { markup } from './html.ts';
import type { Html } from './html.ts';
import { tableHtml } from './sections.ts';
import type { PageCell } from './sections.ts';
import { SIGNS } from './verdict-bars.ts';

/** What is known of a store. */
export interface StoreHistory {
  /** The most urgent first. */
  readonly playbooks: readonly PlaybookHistory[];
  /** Microseconds since the epoch. */
  readonly now: number;
}

export interface Standings {
  readonly of: PlaybookHistory;
  readonly standing: Standing;
}

export const STATE_WORDS: Readonly<Record<StandingState, readonly [word: string, tone: DocumentTone]>> = {
  proven: ['✓ proven', 'good'],
  gaps: ['! gaps', 'warn'],
  notProven: ['✗ not proven', 'bad'],
};

/** Those that promise something, with what that is worth today; proofs of backups promise nothing. */
export const promisedOnes = ({ playbooks, now }: StoreHistory): readonly Standings[] =>
  playbooks
    .filter(({ playbook }) => Object.keys(playbook?.objectives ?? {}).length > 0)
    .map((of) => ({ of, standing: standingOf(of, now) }));

/** How ready one is, on one page, for whoever has a minute. */
export function scorecard(history: StoreHistory): Html {
  const all = promisedOnes(history);
  const counted = (state: StandingState): number =>
    all.filter(({ standing }) => standing.state === state).length;
  const [proven, gaps, not] = [counted('proven'), counted('gaps'), counted('notProven')];
  const tone = not > 0 || all.length === 0 ? 'bad' : gaps > 0 ? 'warn' : 'good';
  const verdict =
    all.length === 0
      ? 'No playbook promises anything yet'
      : `${String(proven)} of ${count(all.length, 'disaster')} can be recovered from as promised, shown by drills`;
  return markup`<header class="scorecard">
<h1>Can we recover?</h1>
<p class="verdict ${tone}">${verdict}</p>
<ul class="tiles">
${tiles(history, { proven, gaps, not }).map(([figure, words, style]) => markup`<li class="${style}"><strong>${figure}</strong> ${words}</li>\n`)}</ul>
${all.length === 0 ? undefined : tableHtml({ head: HEAD, rows: all.map((each) => row(each, history.now)) }, 'scorecard')}
<p class="note">${MEANING} As of ${dateTime(history.now)}.</p>
</header>
`;
}

/** Words that are not broken at the end of a line, one after the other. */
const whole = (...all: readonly string[]): Html =>
  markup`${all.map((each, index) => markup`${index > 0 ? ' ' : ''}<span class="whole">${each}</span>`)}`;

const DAY_MICROS = 86_400_000_000;

const HEAD = ['', 'Disaster', 'Back in service after', 'Data lost', 'Shown', 'Drill due', 'What is missing'];

const MEANING =
  'Proven: the newest drill of each rehearsal came to its end and met what is promised, it is not overdue, and the playbook is the one that was drilled. Figures are those of the worst of these drills; the line in a bar is the promise.';

type Tile = readonly [figure: string, words: string, style: string];

function tiles(
  { playbooks, now }: StoreHistory,
  { proven, gaps, not }: Readonly<Record<'proven' | 'gaps' | 'not', number>>,
): readonly Tile[] {
  const overdue = playbooks.flatMap(({ due }) => due).filter(({ state }) => state === 'overdue').length;
  const found = playbooks.flatMap((each) => each.open);
  const open = found.length;
  const late = found.some(({ due }) => due < dayText(now));
  const people = new Set(playbooks.flatMap((each) => each.people)).size;
  const backups = playbooks.filter(({ id }) => backupOf(id) !== undefined);
  const whole = backups.filter(({ last }) => last.drill?.outcome === 'succeeded').length;
  const starts = playbooks.flatMap(({ last }) => last.drill?.startedAt ?? []);
  return [
    [String(proven), 'proven', 'good'],
    [String(gaps), 'with gaps', gaps > 0 ? 'warn' : 'info'],
    [String(not), 'not proven', not > 0 ? 'bad' : 'info'],
    [String(overdue), overdue === 1 ? 'drill overdue' : 'drills overdue', overdue > 0 ? 'bad' : 'info'],
    [
      String(people),
      people === 1 ? 'person has run one' : 'people have run one',
      people < 2 ? 'warn' : 'info',
    ],
    ...(open === 0
      ? []
      : [
          [String(open), open === 1 ? 'finding open' : 'findings open', late ? 'bad' : 'warn'] satisfies Tile,
        ]),
    ...(backups.length === 0
      ? []
      : [
          [
            `${String(whole)} of ${String(backups.length)}`,
            'backups proven',
            whole < backups.length ? 'bad' : 'good',
          ] satisfies Tile,
        ]),
    ...(starts.length === 0
      ? []
      : [[ageText(Math.max(...starts), now), 'since the last drill', 'info'] satisfies Tile]),
  ];
}

function row({ of, standing }: Standings, now: number): readonly PageCell[] {
  const [word, tone] = STATE_WORDS[standing.state];
  const { lastAt, reasons } = standing;
  const shown = lastAt === undefined ? ['never'] : [dayText(lastAt), agoText(lastAt, now)];
  return [
    cell(word, tone),
    { ...cell(''), picture: markup`<strong>${of.playbook?.title ?? of.id}</strong>` },
    objective(standing.rto, of.playbook?.objectives.rto),
    objective(standing.rpo, of.playbook?.objectives.rpo),
    { ...cell(''), picture: whole(...shown) },
    { ...cell(''), picture: whole(nextDrill(of)) },
    { ...cell(''), picture: reasonList(reasons) },
  ];
}

/** `now` and `at` in microseconds. Of what lies long ago, whole days. */
function ageText(at: number, now: number): string {
  const days = Math.floor((now - at) / DAY_MICROS);
  return days < 2 ? humanDuration((now - at) / 1000) : count(days, 'day');
}

export const agoText = (at: number, now: number): string => `${ageText(at, now)} ago`;

/** Named one by one up to here. */
const NAMED = 3;

export const reasonList = (reasons: readonly string[], most = NAMED): Html => {
  const more = reasons.length - most;
  const shown = more > 0 ? [...reasons.slice(0, most), `and ${String(more)} more`] : reasons;
  return shown.length === 0
    ? markup`nothing`
    : markup`<ul class="reasons">${shown.map((reason) => markup`<li>${reason}</li>`)}</ul>`;
};

export const nextDrill = ({ due }: PlaybookHistory): string => {
  const days = due.flatMap(({ due: owed, next }) => owed ?? next ?? []).toSorted();
  return days[0] ?? '–';
};

function objective(
  judged: Judged | undefined,
  promised: { readonly targetMs: number } | undefined,
): PageCell {
  if (promised === undefined) return cell('–');
  if (judged === undefined) return cell(`? of ${targetText(promised)}`);
  const { verdict, targetMs, actualMs, real } = judged;
  const ms = real?.actualMs ?? actualMs ?? 0;
  const scale = Math.max(targetMs, ms) * 1.04;
  const percent = (length: number): string => `${((length / scale) * 100).toFixed(1)}%`;
  const figure = real === undefined ? figureText(judged) : `${humanDuration(ms)} in the real world`;
  return {
    ...cell(''),
    picture: markup`<span class="small gauge" aria-hidden="true"><span class="part ${verdict}" style="width:${percent(ms)}"></span><span class="target" style="left:${percent(targetMs)}"></span></span>
<span class="${verdict === 'met' ? 'good' : 'bad'}">${SIGNS[verdict]}</span> ${whole(figure, `of ${targetText(judged)}`, ...(verdict === 'unproven' ? ['not shown'] : []))}`,
  };
}
