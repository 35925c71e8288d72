import type { JsonObject } from '../../base/json.ts';
import { TIME_CLASSES } from '../../model/time-class.ts';
import type { StepRecord } from '../../measure/record.ts';
import { marksOf } from '../../measure/marks.ts';
import type { ClassTimes, TimeShare } from '../../measure/time.ts';
import type { RpoVerdict } from '../../measure/loss.ts';
import type { RtoVerdict } from '../../measure/verdicts.ts';
import type { JournalProof, ReportData } from '../data.ts';
import { gateTitle } from '../labels.ts';
import { injectsOf } from '../injects.ts';
import { limitsOf } from '../limits.ts';
import { rfc3339 } from '../../base/human.ts';
import { defined, output } from '../output.ts';

/**
 * The report for programs: moments in RFC 3339, lengths in milliseconds, members without a
 * value left out. `version` grows when a member changes its meaning; new members may come.
 */
export function jsonReport(data: ReportData, journal: JournalProof | undefined): JsonObject {
  const { record, summary, time, findings, proposals, timeline } = data;
  const { started } = record;
  const faults = record.faults.map(({ at, fault, description }) => ({ at: rfc3339(at), fault, description }));
  return output('report', {
    run: defined({
      id: summary.run,
      mode: summary.mode,
      playbook: summary.playbook,
      title: summary.title,
      environment: started === undefined ? undefined : { ...started.environment },
      rehearsal: started?.rehearsal,
      world: started?.world,
      reason: started?.reason,
      operator: summary.operator,
      host: started?.host,
      unattended: summary.unattended,
      engine: started?.engine,
      state: summary.state,
      outcome: summary.outcome,
      outcomeReason: summary.reason,
      exitCode: summary.exitCode,
      startedAt: moment(summary.startedAt),
      lastAt: moment(summary.lastAt),
      elapsedMs: summary.elapsedMs,
      resumes: record.resumes.map(({ at, operator, host }) => ({ at: rfc3339(at), operator, host })),
      sources: (started?.sources ?? []).map(({ role, path, sha256 }) => ({ role, path, sha256 })),
    }),
    objectives: defined({ rto: rtoJson(summary.rto), rpo: rpoJson(summary.rpo) }),
    notCovered: limitsOf(record, time, summary).map((limit) => ({ ...limit })),
    loss:
      summary.uncounted === undefined
        ? summary.loss && { ...summary.loss }
        : { uncounted: summary.uncounted },
    marks: [...marksOf(record).values()].map(({ mark, time: at, source, key, changed }) =>
      defined({ mark, at: moment(at), source, step: key, changed }),
    ),
    time: {
      totalMs: time.totalMicros / 1000,
      classes: classesJson(time.classes),
      phases: time.phases.map(shareJson),
      steps: time.steps.map(shareJson),
      modelled: time.modelled.map(({ key, reason, modelledMicros, actualMicros, source }) =>
        defined({
          key,
          reason,
          modelledMs: modelledMicros / 1000,
          modelledBy: source,
          actualMs: actualMicros / 1000,
        }),
      ),
    },
    fault: faults[0],
    faults,
    injects: injectsOf(record).map(({ event, text, decided }) =>
      defined({
        at: rfc3339(event.at),
        number: event.number,
        what: event.what,
        state: event.state,
        text,
        decided,
      }),
    ),
    checks: record.proofs.map(({ step, title, verdict, reading }) => ({ step, title, verdict, reading })),
    steps: [...record.steps.values()].map(stepJson),
    gates: [...record.gates.values()].map(({ opened, answered }) =>
      defined({
        key: opened.key,
        title: gateTitle(opened),
        openedAt: rfc3339(opened.at),
        answeredAt: moment(answered?.at),
        answer: answered?.answer,
        by: answered?.by,
        role: answered?.role,
        reason: answered?.reason,
      }),
    ),
    inputs: record.inputs.map((input) => ({
      at: rfc3339(input.at),
      scope: input.scope,
      name: input.name,
      value: input.value,
      ...(input.type === 'input.corrected' && { before: input.before, done: input.done }),
      by: input.by,
    })),
    recorded: record.recorded.map(({ at, key, name, value }) => ({
      at: rfc3339(at),
      step: key,
      name,
      value,
    })),
    debts: [...record.debts.values()].map(({ opened, settled }) =>
      defined({ key: opened.key, title: opened.title, due: opened.due, how: settled?.how, by: settled?.by }),
    ),
    targets: record.rebound.map(({ key, path, target }) => ({ step: key, path, target })),
    attachments: record.attachments.map(({ key, path, file, bytes, sha256, problem }) =>
      defined({ step: key, path, file, bytes, sha256, problem }),
    ),
    notes: record.notes.map(({ at, text, by, key }) => defined({ at: rfc3339(at), text, by, step: key })),
    findings: findings.map(({ level, text }) => ({ level, text })),
    proposals: proposals.map((proposal) => ({ ...proposal })),
    timeline: timeline.map(({ at, kind, text }) => ({ at: rfc3339(at), kind, text })),
    journal:
      journal === undefined
        ? undefined
        : {
            ok: journal.ok,
            events: journal.events,
            head: journal.head,
            sealed: journal.sealed,
            struck: [...journal.struck],
            ...(journal.problem !== undefined && { problem: { ...journal.problem } }),
          },
  });
}

const moment = (micros: number | undefined): string | undefined =>
  micros === undefined ? undefined : rfc3339(micros);

const classesJson = (classes: ClassTimes): JsonObject =>
  Object.fromEntries(TIME_CLASSES.map((name) => [`${name}Ms`, classes[name] / 1000]));

const shareJson = ({ key, title, micros, classes }: TimeShare): JsonObject => ({
  key,
  title,
  totalMs: micros / 1000,
  classes: classesJson(classes),
});

function rtoJson(rto: RtoVerdict | undefined): JsonObject | undefined {
  if (rto === undefined) return undefined;
  const { fromTime, toTime, fromBy, toBy, verdict, targetMs, actualMs, from, to, reason, real } = rto;
  return defined({
    verdict,
    targetMs,
    actualMs,
    from,
    fromAt: moment(fromTime),
    fromBy: fromBy && { ...fromBy },
    to,
    toAt: moment(toTime),
    toBy: toBy && { ...toBy },
    reason,
    real: real && { ...real },
  });
}

function rpoJson(rpo: RpoVerdict | undefined): JsonObject | undefined {
  if (rpo === undefined) return undefined;
  const { verdict, targetMs, actualMs, beforeMs, afterMs, isAtLeast, reason } = rpo;
  return defined({
    verdict,
    targetMs,
    actualMs,
    beforeMs,
    afterMs,
    atLeast: isAtLeast,
    evidence: rpo.evidence,
    to: rpo.to,
    failureAt: moment(rpo.failureTime),
    recoveryPointAt: moment(rpo.recoveryPoint),
    recordedBy: rpo.recordedBy,
    lostUntil: moment(rpo.lostUntil),
    endedBy: rpo.endedBy,
    shownBy: rpo.shownBy,
    reason,
    real: rpo.real && { ...rpo.real },
  });
}

function stepJson({ key, title, started, finished, failedAttempts, wasInDoubt }: StepRecord): JsonObject {
  const error = finished?.error;
  return defined({
    key,
    title,
    kind: started?.kind,
    effect: started?.effect,
    describe: started?.describe,
    startedAt: moment(started?.at),
    finishedAt: moment(finished?.at),
    outcome: finished?.outcome,
    conclusion: finished?.conclusion,
    failedAttempts,
    wasInDoubt,
    error:
      error === undefined
        ? undefined
        : defined({ code: error.code, message: error.message, details: error.details }),
    reason: finished?.reason,
    by: finished?.by,
  });
}
