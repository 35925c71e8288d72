import { Instant } from '../base/instant.ts';
import { tellable } from '../model/blind.ts';
import type { Event } from '../model/event.ts';
import type { TraceAttributes, TraceEvent, TraceSpan } from '../model/trace.ts';
import { summarize } from './summary.ts';

/** A span before it has an id: its place in the list is known, and its parent's. */
export interface Span extends Omit<TraceSpan, 'id' | 'parent'> {
  /** Unique in the run, and the same whenever it is made. */
  readonly key: string;
  readonly parent?: string;
}

interface Draft {
  readonly key: string;
  readonly parent?: string;
  readonly name: string;
  readonly from: number;
  to?: number;
  attributes: TraceAttributes;
  readonly events: TraceEvent[];
  status: TraceSpan['status'];
  message?: string;
}

/**
 * The spans of a run: the run, what holds steps, and each step, again for each life that began it. Attempts, gates, marks
 * and notes are events on them. What steps were given and what they gave is left out: it belongs to the journal alone.
 */
export function spansOf(happened: readonly Event[]): readonly Span[] {
  const events = tellable(happened);
  const [first] = events;
  if (first?.type !== 'run.started') return [];
  const tracer = new Tracer(first.at, `${first.mode} ${first.playbook}`);
  for (const event of events) tracer.take(event);
  return tracer.end(events);
}

class Tracer {
  readonly #root: Draft;
  readonly #drafts: Draft[] = [];
  /** What is open, by its key in the journal, the outermost first. */
  readonly #open = new Map<string, Draft>();
  readonly #phases: Draft[] = [];
  #last: number;

  constructor(at: number, name: string) {
    this.#last = at;
    this.#root = { key: '', name, from: at, attributes: {}, events: [], status: 'unset' };
  }

  take(event: Event): void {
    this.#last = Math.max(this.#last, event.at);
    switch (event.type) {
      case 'scope.entered':
        this.#begin(event.key, event.title || event.key, event.at, { 'drillbook.scope': event.kind });
        return;
      case 'scope.left':
        this.#finish(
          event.key,
          event.at,
          event.outcome === 'failed' ? 'error' : 'ok',
          {
            'drillbook.outcome': event.outcome,
          },
          event.error?.message,
        );
        return;
      case 'step.started':
        this.#begin(event.key, event.title, event.at, {
          'drillbook.step': event.key,
          'drillbook.kind': event.kind,
          'drillbook.effect': event.effect,
        });
        return;
      case 'step.finished':
        if (!this.#open.has(event.key))
          this.#begin(event.key, event.title, event.at, { 'drillbook.step': event.key });
        this.#finish(
          event.key,
          event.at,
          event.conclusion === 'failed' ? 'error' : 'ok',
          {
            'drillbook.outcome': event.outcome,
            'drillbook.conclusion': event.conclusion,
            ...(event.by !== undefined && { 'drillbook.by': event.by }),
          },
          event.error?.message,
        );
        return;
      default:
        this.#note(event);
    }
  }

  end(events: readonly Event[]): readonly Span[] {
    const { state, outcome, exitCode, rto, rpo, loss, ...run } = summarize(events);
    this.#root.attributes = {
      'drillbook.run': run.run,
      'drillbook.playbook': run.playbook,
      'drillbook.mode': run.mode,
      'drillbook.environment': run.environment,
      'drillbook.environment.kind': run.environmentKind,
      'drillbook.unattended': run.unattended,
      'drillbook.state': state,
      ...(run.rehearsal !== undefined && { 'drillbook.rehearsal': run.rehearsal }),
      ...(outcome !== undefined && { 'drillbook.outcome': outcome, 'drillbook.exit_code': exitCode }),
      ...(rto !== undefined && { 'drillbook.rto.verdict': rto.verdict }),
      ...(rto?.actualMs !== undefined && { 'drillbook.rta_ms': rto.actualMs }),
      ...(rpo !== undefined && { 'drillbook.rpo.verdict': rpo.verdict }),
      ...(rpo?.actualMs !== undefined && { 'drillbook.loss_window_ms': rpo.actualMs }),
      ...(loss !== undefined && { 'drillbook.rows_lost': loss.lost }),
    };
    if (outcome !== undefined) this.#root.status = outcome === 'succeeded' ? 'ok' : 'error';
    if (run.reason !== undefined && this.#root.status === 'error') this.#root.message = run.reason;
    return [this.#root, ...this.#drafts].map((draft) => ({
      ...draft,
      to: Math.max(draft.from, draft.to ?? this.#last),
    }));
  }

  /** A step that an earlier life of the run began and did not end has ended with it. */
  #begin(key: string, name: string, at: number, attributes: TraceAttributes): void {
    this.#finish(key, at, 'unset', {});
    const draft: Draft = {
      key: `${key} ${String(this.#drafts.length)}`,
      parent: this.#around(key).key,
      ...{ name, from: at, attributes, events: [], status: 'unset' as const },
    };
    this.#drafts.push(draft);
    this.#open.set(key, draft);
    if (attributes['drillbook.scope'] === 'phase') this.#phases.push(draft);
  }

  #finish(
    key: string,
    at: number,
    status: TraceSpan['status'],
    attributes: TraceAttributes,
    message?: string,
  ): void {
    const draft = this.#open.get(key);
    if (draft === undefined) return;
    this.#open.delete(key);
    draft.to = at;
    draft.status = status;
    draft.attributes = { ...draft.attributes, ...attributes };
    if (message !== undefined) draft.message = message;
  }

  /** Keys of what is inside begin with the key of what is around; a phase has no part in them. */
  #around(key: string): Draft {
    for (let end = key.lastIndexOf('/'); end > 0; end = key.lastIndexOf('/', end - 1)) {
      const outer = this.#open.get(key.slice(0, end));
      if (outer !== undefined) return outer;
    }
    const open = new Set(this.#open.values());
    return this.#phases.findLast((phase) => open.has(phase)) ?? this.#root;
  }

  #note(event: Event): void {
    const noted = noteOf(event);
    if (noted === undefined) return;
    const key = 'key' in event ? event.key : undefined;
    const on = key === undefined ? this.#root : (this.#open.get(key) ?? this.#around(key));
    on.events.push({ name: event.type, at: event.at, attributes: noted });
  }
}

/** What is told of an event; undefined for one that is not. */
function noteOf(event: Event): TraceAttributes | undefined {
  switch (event.type) {
    case 'step.attemptFailed':
      return { attempt: event.attempt, 'error.code': event.error.code, 'error.message': event.error.message };
    case 'step.inDoubt':
      return { verdict: event.verdict };
    case 'gate.opened':
      return { gate: event.gate };
    case 'gate.answered':
      return {
        ...{ gate: event.gate, answer: event.answer, by: event.by },
        ...(event.reason !== undefined && { reason: event.reason }),
      };
    case 'mark.set':
      return {
        mark: event.mark,
        ...(event.time !== null && { at: new Instant(event.time).toString() }),
      };
    case 'note.added':
      return { text: event.text, by: event.by };
    case 'fault.injected':
      return { fault: event.fault, description: event.description };
    case 'run.paused':
      return { by: event.by, reason: event.reason };
    case 'run.resumed':
      return { operator: event.operator };
    case 'abort.begun':
      return { by: event.by, reason: event.reason };
    case 'debt.opened':
      return { title: event.title };
    case 'debt.settled':
      return { how: event.how };
    case 'branch.chosen':
      return { branch: event.branch, by: event.by };
    case 'step.overdue':
      return { expect_ms: event.expectMs };
    default:
      return undefined;
  }
}
