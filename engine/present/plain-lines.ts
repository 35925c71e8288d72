import { oneLine } from '../base/text.ts';
import { humanDuration, brief, localTime } from '../base/human.ts';
import type { Json } from '../base/json.ts';
import type { Event } from '../model/event.ts';
import { isEvidence } from '../model/mode.ts';
import { saidBy } from '../model/people.ts';
import { entryPieces, markPiece } from './body.ts';
import { memberText } from './fold.ts';
import { QUESTION_NAMES } from './panel.ts';
import type { EntryMark, ScreenState } from './screen-state.ts';
import type { Line } from './text.ts';
import { piece } from './text.ts';
import type { Theme, Tone } from './theme.ts';

export interface PlainLine {
  readonly depth: number;
  readonly pieces: Line;
}

/** What one event says on the plain view; nothing where nobody waits to read it. */
export function plainLines(
  event: Event,
  before: ScreenState,
  after: ScreenState,
  theme: Theme,
): readonly PlainLine[] {
  const depth = after.scopes.length - 1;
  const say = (mark: EntryMark, text: string, tone: Tone = 'plain', at = depth): PlainLine => ({
    depth: at,
    pieces: [markPiece(mark, theme), piece(` ${oneLine(text)}`, tone)],
  });
  switch (event.type) {
    case 'run.started': {
      const { mode, playbook, environment, run } = event;
      const name = `${mode} ${playbook} ${theme.symbols.dot} ${environment.name}, run ${run}`;
      return [
        say('info', `${name}: ${event.title}`, 'bold'),
        ...(isEvidence(mode) ? objectives(event) : [NOT_MEASURED]).map((text) => say('info', text)),
      ];
    }
    case 'scope.entered':
      return before.scopes.length === after.scopes.length
        ? []
        : [
            {
              depth: depth - 1,
              pieces: [piece(`${theme.symbols.open} `, 'accent'), piece(oneLine(event.title), 'bold')],
            },
          ];
    case 'step.started': {
      const expected = event.expectMs === undefined ? '' : ` (expected ${brief(event.expectMs)})`;
      return [say('info', `${event.title}${expected}: ${event.describe}`)];
    }
    case 'step.activity':
      return event.reason === undefined || event.class === 'machine'
        ? []
        : [say('wait', event.reason, 'plain', depth + 1)];
    case 'step.attemptFailed': {
      const next = event.nextInMs === undefined ? '' : `; again in ${humanDuration(event.nextInMs)}`;
      return [
        say(
          'bad',
          `attempt ${String(event.attempt)} failed: ${event.error.message}${next}`,
          'warn',
          depth + 1,
        ),
      ];
    }
    case 'step.inDoubt':
      return [say('wait', `in doubt (${event.verdict}): ${event.reason ?? event.key}`)];
    case 'step.finished': {
      const failed = event.conclusion === 'failed';
      const log = failed ? (before.live.get(event.key)?.log ?? []) : [];
      const hint =
        failed && event.error?.hint !== undefined ? [say('info', event.error.hint, 'accent', depth + 1)] : [];
      return [
        ...log.map((text) => say('info', text, 'dim', depth + 1)),
        ...newEntry(before, after, theme),
        ...hint,
      ];
    }
    case 'gate.opened':
      return [say('wait', questionText(event.question), 'accent')];
    case 'gate.answered': {
      const reason = event.reason === undefined ? '' : `: ${event.reason}`;
      return [say('wait', `answered "${event.answer}" by ${saidBy(event)}${reason}`)];
    }
    case 'mark.set':
      return [
        say(
          'info',
          event.time === null
            ? `${event.mark} taken back`
            : `${event.mark} at ${localTime(event.time / 1000)}`,
        ),
      ];
    case 'debt.opened':
      return event.due === 'exit' ? [say('wait', `to be put right at the end: ${event.title}`, 'warn')] : [];
    case 'debt.settled': {
      const debt = before.debts.find((each) => each.key === event.key);
      return debt === undefined ? [] : [say('info', `${event.how}: ${debt.title}`)];
    }
    case 'run.paused':
    case 'abort.begun':
    case 'run.finished':
      return after.standing === undefined ? [] : [say(after.standing.mark, after.standing.text, 'bold', 0)];
    case 'step.checkpoint':
      return [];
    default:
      return newEntry(before, after, theme);
  }
}

/** The line that an event added to the tree, as the live screen shows it. */
function newEntry(before: ScreenState, after: ScreenState, theme: Theme): readonly PlainLine[] {
  const depth = after.scopes.length - 1;
  const entry = after.scopes[depth]?.entries.at(-1);
  if (entry === undefined || before.scopes[depth]?.entries.at(-1) === entry) return [];
  const took = entry.tookMs === undefined ? [] : [piece(`  ${humanDuration(entry.tookMs)}`, 'dim')];
  return [{ depth, pieces: [...entryPieces(entry, theme), ...took] }];
}

const NOT_MEASURED = 'Nothing is carried out, asked or measured: you say what you would do';

function objectives(event: Extract<Event, { type: 'run.started' }>): readonly string[] {
  const { rto, rpo } = event.objectives;
  return [
    ...(rto === undefined ? [] : [`RTO ${brief(rto.targetMs)} from ${rto.from} to ${rto.to}`]),
    ...(rpo === undefined ? [] : [`RPO ${brief(rpo.targetMs)} by ${rpo.evidence}`]),
  ];
}

/** What it is about in full is said where it is asked. */
function questionText(question: Json): string {
  const type = memberText(question, 'type') ?? '';
  const name = Object.entries(QUESTION_NAMES).find(([each]) => each === type)?.[1] ?? type;
  return `${name}: ${memberText(question, 'title') ?? ''}`;
}
