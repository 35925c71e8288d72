import { humanDuration, count } from '../base/human.ts';
import { isLeftOut } from '../measure/record.ts';
import type { RunRecord } from '../measure/record.ts';
import { isUnattended, owed } from '../measure/summary.ts';
import type { TimeBreakdown } from '../measure/time.ts';
import type { Verdicts } from '../measure/verdicts.ts';
import type { Event, JournalRepaired } from '../model/event.ts';
import { isEvidence } from '../model/mode.ts';
import { verdictText } from './figures.ts';
import { whatWasLost } from './labels.ts';

export interface Finding {
  /** `bad`: it was not achieved. `warn`: look at it. `info`: know it when you read the figures. */
  readonly level: 'bad' | 'warn' | 'info';
  readonly text: string;
}

/** What somebody should look at after the run, worst first. */
export function findingsOf(record: RunRecord, time: TimeBreakdown, verdicts: Verdicts): readonly Finding[] {
  const all = [
    ...tabletopFindings(record),
    ...objectiveFindings(verdicts),
    ...stepFindings(record),
    ...itemFindings(record),
    ...proofFindings(record),
    ...debtFindings(record),
    ...backgroundFindings(record),
    ...reminderFindings(record),
    ...attachmentFindings(record),
    ...journalFindings(record),
    ...figureFindings(record, time),
  ];
  const rank = { bad: 0, warn: 1, info: 2 };
  return all.sort((a, b) => rank[a.level] - rank[b.level]);
}

function tabletopFindings({ started }: RunRecord): Finding[] {
  if (isEvidence(started?.mode ?? '')) return [];
  const text = 'Tabletop: nothing was measured, and no step was carried out. It counts as no drill.';
  return [{ level: 'info', text }];
}

function objectiveFindings({ rto, rpo, loss, uncounted }: Verdicts): Finding[] {
  const findings: Finding[] = [];
  for (const [name, objective] of [['RTO', rto] as const, ['RPO', rpo] as const]) {
    if (objective === undefined || objective.verdict === 'met') continue;
    const { verdict, actualMs, targetMs, reason, real } = objective;
    if (verdict === 'missed' && real?.here === 'met') {
      const text = `The ${name} was ${verdictText(objective)}: the waits that the sandbox shortened count at their real length.`;
      findings.push({ level: 'bad', text });
      continue;
    }
    const least = 'isAtLeast' in objective ? 'at least ' : '';
    const by = actualMs === undefined ? '' : ` by ${least}${humanDuration(actualMs - targetMs)}`;
    findings.push({
      level: 'bad',
      text:
        verdict === 'missed'
          ? `The ${name} was missed${by}${reason === undefined ? '' : `: ${reason}`}.`
          : `The ${name} is unproven: ${reason ?? 'there is no evidence'}. An objective that cannot be shown to be met counts as not met.`,
    });
  }
  if (rpo?.verdict === 'met' && rpo.reason !== undefined)
    findings.push({ level: 'warn', text: `RPO: ${rpo.reason}.` });
  if (rpo?.afterMs !== undefined && rpo.afterMs > 0) {
    const more = rpo.endedBy === undefined ? ' or longer' : '';
    const kept =
      loss?.source === 'counted' && loss.lost === 0 && (loss.uploads?.lost ?? 0) === 0
        ? ', though nothing of the writer’s own list is lost'
        : '';
    findings.push({
      level: 'warn',
      text: `What was written in the ${humanDuration(rpo.afterMs)}${more} after the accident was discarded${kept}.`,
    });
  }
  if (loss !== undefined && loss.lost > 0) {
    findings.push({ level: 'warn', text: `${count(loss.lost, 'acknowledged row')} did not survive.` });
  }
  if (loss?.uploads !== undefined && loss.uploads.lost > 0) {
    findings.push({
      level: 'warn',
      text: `${count(loss.uploads.lost, 'acknowledged upload')} did not survive.`,
    });
  }
  if (uncounted !== undefined) {
    findings.push({ level: 'warn', text: `What was lost could not be counted: ${uncounted}` });
  }
  return findings;
}

function stepFindings(record: RunRecord): Finding[] {
  return [...record.steps.values()].flatMap(
    ({ key, title, finished, failedAttempts, wasInDoubt }): Finding[] => {
      const findings: Finding[] = [];
      const why = finished?.reason ?? finished?.error?.message;
      const because = why === undefined ? '' : `: ${why}`;
      const byWhom = finished?.by === undefined ? '' : ` by ${finished.by}`;
      if (finished?.conclusion === 'failed' && isLeftOut(record, key)) return findings;
      if (finished?.conclusion === 'failed')
        findings.push({ level: 'bad', text: `“${title}” ${finished.outcome}${because}.` });
      else if (finished?.conclusion === 'tolerated') {
        findings.push({
          level: 'warn',
          text: `“${title}” ${finished.outcome}, and the run went on${because}.`,
        });
      } else if (finished !== undefined && OVERRIDES.has(finished.outcome) && finished.by !== undefined) {
        findings.push({
          level: 'warn',
          text: `“${title}” was ${OVERRIDES.get(finished.outcome) ?? ''}${byWhom}${because}.`,
        });
      }
      if (failedAttempts > 0 && finished?.conclusion === 'ok') {
        findings.push({
          level: 'warn',
          text: `“${title}” needed more than one attempt: ${failedAttempts} failed.`,
        });
      }
      if (wasInDoubt)
        findings.push({
          level: 'warn',
          text: `“${title}” was found started and not finished after a crash.`,
        });
      return findings;
    },
  );
}

/** Named one by one up to here. */
const NAMED = 10;

/** Without these the run went on: each loop says which they are, and why. */
function itemFindings({ scopes, itemsLeftOut, batchesWithFailures }: RunRecord): Finding[] {
  const titles = new Map(scopes.map(({ key, title }) => [key, title]));
  const byLoop = new Map<string, string[]>();
  const add = (loop: string, text: string): void => {
    const texts = byLoop.get(loop);
    if (texts === undefined) byLoop.set(loop, [text]);
    else texts.push(text);
  };
  for (const { key, error, by } of itemsLeftOut) {
    const who = by === undefined ? '' : `given up by ${by}, `;
    add(
      key.slice(0, key.lastIndexOf('[')),
      `${titles.get(key) ?? key} (${who}${error?.message ?? 'failed'})`,
    );
  }
  for (const { key, failed } of batchesWithFailures) {
    for (const { item, error } of failed) add(key, `${item} (${error.message})`);
  }
  return [...byLoop].map(([loop, items]) => {
    const named = items.slice(0, NAMED).join(', ');
    const more = items.length > NAMED ? ` and ${String(items.length - NAMED)} more` : '';
    const text = `“${titles.get(loop) ?? loop}” went on without ${count(items.length, 'item')}: ${named}${more}.`;
    return { level: 'warn', text };
  });
}

/** Outcomes that a person chose instead of the step's own. */
export const OVERRIDES: ReadonlyMap<string, string> = new Map([
  ['byHand', 'done by hand'],
  ['accepted', 'accepted as it is'],
  ['skipped', 'skipped'],
  ['declined', 'declined'],
  ['otherwise', 'to be done otherwise'],
]);

function proofFindings({ proofs }: RunRecord): Finding[] {
  return proofs
    .filter(({ verdict }) => verdict === 'green')
    .map(({ title }) => ({
      level: 'warn',
      text: `The check “${title}” stayed green while the world was broken: it proves nothing.`,
    }));
}

function debtFindings(record: RunRecord): Finding[] {
  return owed(record).map(({ opened, settled }) => {
    const how =
      settled === undefined
        ? 'is still owed'
        : settled.how === 'failed'
          ? 'could not be paid'
          : 'was left open';
    const what = opened.due === 'exit' ? 'The debt' : 'The undo';
    return { level: 'bad', text: `${what} of “${opened.title}” ${how}.` };
  });
}

function backgroundFindings({ backgrounds }: RunRecord): Finding[] {
  return backgrounds
    .filter(({ state }) => state === 'lost')
    .map(({ title, reason }) => ({
      level: 'warn',
      text: `The process in the background of “${title}” was lost: ${reason ?? 'nobody knows why'}.`,
    }));
}

function reminderFindings({ reminders }: RunRecord): Finding[] {
  return reminders
    .filter(({ state }) => state === 'failed')
    .map(({ title, number, reason }) => ({
      level: 'warn',
      text: `Reminder ${String(number)} of “${title}” reached nobody: ${reason ?? 'nobody knows why'}.`,
    }));
}

function attachmentFindings({ attachments }: RunRecord): Finding[] {
  return attachments
    .filter(({ problem }) => problem !== undefined)
    .map(({ path, problem }) => ({
      level: 'warn',
      text: `The file ${path} could not be attached: ${problem ?? ''}.`,
    }));
}

function journalFindings({ jumps, repairs, resumes }: RunRecord): Finding[] {
  return [
    ...jumps.map(({ byMs }): Finding => ({
      level: 'warn',
      text: `The wall clock jumped by ${humanDuration(byMs)} during the run: moments before and after it do not compare.`,
    })),
    ...repairs.map(repairFinding),
    ...(resumes.length === 0
      ? []
      : [
          {
            level: 'info',
            text: `The run was resumed ${resumes.length === 1 ? 'once' : `${resumes.length} times`}.`,
          } as const,
        ]),
  ];
}

function repairFinding(repair: Event<JournalRepaired>): Finding {
  if (repair.head === undefined) {
    return {
      level: 'warn',
      text: 'The journal ended in a torn line after a crash; it was cut off. What it was to say had not happened yet or was found out anew.',
    };
  }
  return {
    level: 'bad',
    text: `The journal had lost its end when the run was gone on with: ${whatWasLost(repair)}. What was done in that time is not in this report, and each write after it was in doubt.`,
  };
}

function figureFindings(record: RunRecord, { modelled }: TimeBreakdown): Finding[] {
  const findings: Finding[] = [];
  if (isUnattended(record) && record.started?.mode === 'drill') {
    findings.push({
      level: 'info',
      text: 'Nobody was asked: the RTA of this unattended drill is the floor that the machines set. People will take longer.',
    });
  }
  const shortened = modelled.filter(({ modelledMicros, actualMicros }) => modelledMicros > actualMicros);
  if (shortened.length > 0) {
    const missing = shortened.reduce((sum, wait) => sum + wait.modelledMicros - wait.actualMicros, 0);
    findings.push({
      level: 'info',
      text: `The sandbox shortened ${count(shortened.length, 'wait')}: in the real world this run takes about ${humanDuration(missing / 1000)} longer.`,
    });
  }
  return findings;
}
